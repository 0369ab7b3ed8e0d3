/** Labels break between words: a label that was laid out for another font than the reader's grows to both sides. */
import type { Services } from "./modeler";

interface Options { box?: { width: number; height: number }; style?: { fontSize?: number } }

const MOST = 120; // pixels; what is longer than that is an identifier, and may break

function WholeWords(textRenderer: Services): void {
  const create = textRenderer.createText;
  const style = textRenderer.getExternalStyle();
  const widths = new Map<string, number>();
  const widthOf = (word: string): number => {
    const known = widths.get(word) ?? Math.ceil(textRenderer.getDimensions(word, { box: { width: 10_000, height: 30 }, style }).width);
    widths.set(word, known);
    return known;
  };
  textRenderer.createText = (text: string, options: Options = {}): SVGElement => {
    const { box } = options;
    const isLabel = box && options.style?.fontSize === style.fontSize;
    const needed = isLabel ? Math.min(MOST, Math.max(...text.split(/\s+/).map(widthOf))) : 0;
    if (!box || needed <= box.width) return create(text, options);
    const drawn = create(text, { ...options, box: { ...box, width: needed } }) as SVGElement;
    drawn.setAttribute("transform", `translate(${(box.width - needed) / 2} 0)`);
    return drawn;
  };
}
WholeWords.$inject = ["textRenderer"];

export const wholeWords = { __init__: ["wholeWords"], wholeWords: ["type", WholeWords] };
