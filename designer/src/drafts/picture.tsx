/** A model as a picture one can move and zoom, with marks on its elements. Only this file draws with bpmn-js here. */
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { wholeWords } from "../bpmn/whole_words";
import { room } from "../shell/words";

const t = room({
  en: { none: "The file has no drawing that can be shown.", picture: "Diagram", fit: "Fit" },
  fr: { none: "Le fichier ne contient aucun dessin affichable.", picture: "Diagramme", fit: "Ajuster" },
});

/** Element id -> mark: a CSS class (see drafts.css). */
export type Marks = Record<string, string>;

interface Canvas {
  zoom(level: string | number, center?: string): number;
  viewbox(box?: object): { inner: { x: number; y: number; width: number; height: number }; outer: { width: number; height: number } };
  addMarker(id: string, mark: string): void;
  removeMarker(id: string, mark: string): void;
  scrollToElement(id: string, padding?: number): void;
}

export default function Picture({ xml, marks = {}, chosen, onChoose }: { xml: string; marks?: Marks; chosen?: string | null; onChoose?: (id: string) => void }) {
  const place = useRef<HTMLDivElement>(null);
  const viewer = useRef<InstanceType<typeof NavigatedViewer> | null>(null);
  const [state, set] = useState<"drawing" | "drawn" | "none">("drawing");
  const choose = useRef(onChoose);
  choose.current = onChoose;

  useEffect(() => {
    const made = new NavigatedViewer({ container: place.current!, additionalModules: [wholeWords] } as never);
    viewer.current = made;
    let over = false;
    set("drawing");
    made.importXML(xml).then(
      () => {
        if (over) return;
        const canvas = made.get("canvas") as Canvas;
        fit(canvas);
        set("drawn");
        (made.get("eventBus") as { on(name: string, then: (e: { element: { id: string } }) => void): void }).on("element.click", (e) => choose.current?.(e.element.id));
      },
      () => !over && set("none"),
    );
    return () => {
      over = true;
      made.destroy();
    };
  }, [xml]);

  useEffect(() => {
    if (state !== "drawn") return;
    const canvas = viewer.current!.get("canvas") as Canvas;
    const registry = viewer.current!.get("elementRegistry") as { get(id: string): unknown };
    const there = Object.entries(marks).filter(([id]) => registry.get(id));
    for (const [id, mark] of there) canvas.addMarker(id, mark);
    return () => {
      for (const [id, mark] of there) if (registry.get(id)) canvas.removeMarker(id, mark);
    };
  }, [marks, state]);

  useEffect(() => {
    if (state !== "drawn" || !chosen) return;
    const canvas = viewer.current!.get("canvas") as Canvas;
    const registry = viewer.current!.get("elementRegistry") as { get(id: string): unknown };
    if (!registry.get(chosen)) return;
    canvas.addMarker(chosen, "chosen");
    canvas.scrollToElement(chosen, 100);
    return () => void (registry.get(chosen) && canvas.removeMarker(chosen, "chosen"));
  }, [chosen, state]);

  return (
    <div class="picture" role="group" aria-label={t("picture")}>
      <div ref={place} class="picture-canvas" hidden={state === "none"} />
      {state === "none" && <p class="empty">{t("none")}</p>}
    </div>
  );
}

function fit(canvas: Canvas): void {
  canvas.zoom("fit-viewport", "auto");
  const { inner, outer } = canvas.viewbox();
  const scale = Math.min(1.2, outer.width / (inner.width + 40), outer.height / (inner.height + 40));
  const [width, height] = [outer.width / scale, outer.height / scale];
  canvas.viewbox({ x: inner.x - (width - inner.width) / 2, y: inner.y - (height - inner.height) / 2, width, height });
}
