/** The file as it is written: what was not edited stays as it was opened, to the byte. */

/** `original`: the file as opened; `before`, `after`: what moddle writes of the opened and of the edited model. */
export function written(original: string, before: string, after: string): string {
  return before === after ? original : after;
}
