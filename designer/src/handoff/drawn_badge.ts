/** A badge as it leaves with a picture of the diagram: SVG that needs no style sheet and no font of ours. */
import type { Point } from "./crossing";
import type { Size } from "./places";

const NS = "http://www.w3.org/2000/svg";
const LINE = 18; // height of the promise; how it really went stands below
const MARK = 19; // what the letter of the kind takes

/** `button`: the badge of the page, in the form that has `size`. */
export function drawnBadge(button: HTMLElement, form: string, colour: string, middle: Point, { width, height }: Size): string {
  const group = drawn("g", { class: "handoff", transform: `translate(${round(middle.x - width / 2)} ${round(middle.y - height / 2)})` });
  const text = (name: string): string => button.querySelector(name)?.textContent ?? "";
  const write = (words: string, x: number, y: number, fill: string, more: Attributes = {}): void => {
    group.append(drawn("text", { x, y, fill, "font-family": "Arial, sans-serif", "font-size": 11, "font-weight": 600, ...more }, words));
  };
  const centred = { "text-anchor": "middle" };
  group.append(drawn("title", {}, button.title));
  group.append(drawn("rect", { width, height, rx: Math.min(button.classList.contains("partner") ? 4 : 9, height / 2), fill: colour, stroke: "#fff", "stroke-width": 2 }));
  if (form === "letter") write(text(".kind"), width / 2, height / 2 + 4, "#fff", centred);
  if (form === "full" || form === "short") {
    group.append(drawn("circle", { cx: 9.5, cy: LINE / 2, r: 7.5, fill: "#fff" }));
    write(text(".kind"), 9.5, LINE / 2 + 4, colour, centred);
    const words = [".limits", ".sign", ".more"].map(text).filter(Boolean).join(" ");
    // as long as there is room, whatever font the reader has
    if (words) write(words, MARK + 2, LINE / 2 + 4, "#fff", { textLength: round(width - MARK - 8), lengthAdjust: "spacingAndGlyphs" });
  }
  const real = form === "full" ? text(".real") : "";
  if (real) {
    group.append(drawn("rect", { x: 1, y: LINE, width: width - 2, height: height - LINE - 1, rx: 4, fill: "#fff" }));
    write(real, width / 2, height - 6, colour, centred);
  }
  return new XMLSerializer().serializeToString(group);
}

type Attributes = Record<string, string | number>;

function drawn(name: string, attributes: Attributes, text = ""): SVGElement {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.textContent = text;
  return element;
}

const round = (value: number): number => Math.round(value * 10) / 10;
