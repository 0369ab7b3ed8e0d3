/** A page on which files may be dropped anywhere, and the browser's own way to choose them. */
import type { ComponentChildren } from "preact";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../shell/ui";

const ACCEPTED = ".bpmn,.bpmn2,.xml,.dmn,.form,.json,.zip";

export function DropPlace({ enabled, hint, onFiles, children }: { enabled: boolean; hint: string; onFiles: (files: File[]) => void; children: ComponentChildren }) {
  const over = useSignal(false);
  const then = useRef(onFiles);
  then.current = onFiles;
  useEffect(() => {
    if (!enabled) return;
    let depth = 0;
    const holds = (event: DragEvent): boolean => [...(event.dataTransfer?.types ?? [])].includes("Files");
    const enter = (event: DragEvent): void => {
      if (holds(event)) over.value = ++depth > 0;
    };
    const leave = (event: DragEvent): void => {
      if (holds(event)) over.value = --depth > 0;
    };
    const hold = (event: DragEvent): void => {
      if (holds(event)) event.preventDefault();
    };
    const take = (event: DragEvent): void => {
      if (!holds(event)) return;
      event.preventDefault();
      depth = 0;
      over.value = false;
      const files = [...event.dataTransfer!.files];
      if (files.length) then.current(files);
    };
    const ways = [["dragenter", enter], ["dragleave", leave], ["dragover", hold], ["drop", take]] as const;
    for (const [name, way] of ways) addEventListener(name, way as EventListener);
    return () => {
      for (const [name, way] of ways) removeEventListener(name, way as EventListener);
    };
  }, [enabled]);
  return (
    <>
      {children}
      {over.value && <div class="drop-veil"><p><Icon name="file" /> {hint}</p></div>}
    </>
  );
}

export function choose(then: (files: File[]) => void): void {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.accept = ACCEPTED;
  input.onchange = () => input.files?.length && then([...input.files]);
  input.click();
}
