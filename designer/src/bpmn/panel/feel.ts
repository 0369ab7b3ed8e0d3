/** The FEEL editor, in a chunk of its own: it is loaded with the first expression that is shown. */
import FeelEditor from "@bpmn-io/feel-editor";
import { language } from "../../shell/words";
import type { Variable } from "../variables";

interface Wish {
  container: HTMLElement;
  value: string;
  label: string;
  variables: Variable[];
  onChange: (text: string) => void;
  onLint: (message: string) => void;
}

// what a function does, in the reader's language; undefined: in the editor's own words
const builtins = language.value === "fr" ? (await import("../../french/feel")).builtins : undefined;

export function feelEditor({ container, value, label, variables, onChange, onLint }: Wish): { destroy(): void; setValue(text: string): void } {
  const editor = new FeelEditor({
    container, value, onChange, builtins,
    contentAttributes: { "aria-label": label },
    variables: variables.map(({ name, type, origin }) => ({ name, info: type ?? "", detail: origin })),
    onLint: (found: { severity: string; message: string }[]) => onLint(found.find((each) => each.severity === "error")?.message ?? ""),
  });
  return {
    destroy: () => {
      editor._cmEditor?.destroy();
      container.replaceChildren();
    },
    setValue: (text) => editor.setValue(text),
  };
}
