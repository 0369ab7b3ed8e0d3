/** French as it is printed: the spaces that no line breaks at, and curly apostrophes. Words are written with what a keyboard has. */
export function typeset(text: string): string {
  return text.replace(/(?<=«) | (?=[»?!:;])/g, "\u00a0").replace(/(?<=\p{L})'(?=[\p{L}{«<])/gu, "’");
}
