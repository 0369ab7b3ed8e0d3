/**
 * Where badges lie along their edges, so that none touches another, a label or a shape: as large as there is room for. Pure geometry,
 * in pixels of the screen: a drawing zoomed out has less room.
 */
import type { Box, Point } from "./crossing";

export interface Size {
  width: number;
  height: number;
}
export interface Wanted {
  waypoints: Point[];
  /** Where it would lie if it were alone. */
  ideal: Point;
  /** Its forms, the largest first; the last one is drawn wherever it must be. */
  forms: Size[];
}
export interface Placed extends Point {
  form: number;
}

const STEP = 7; // pixels between two places that are tried
const MOST_TRIED = 90;
const GAP = 2; // pixels that stay free around a badge
const INSET = 9; // where an edge runs under the end of a badge, not its middle

/**
 * The middle of each, and in which form. Short edges choose first: they have the least choice. `taken` is never touched; the lines of other
 * edges (`lines`, by index of `all` those of its own may be left out) only where a badge that says something has no other place.
 */
export function placeAll(all: Wanted[], taken: Box[], lines: (own: number) => Box[] = () => []): Placed[] {
  const placed: Placed[] = all.map((one) => ({ ...one.ideal, form: one.forms.length - 1 }));
  const boxes: Box[] = [];
  const order = all.map((_, index) => index).sort((one, other) => lengthOf(all[one]!.waypoints) - lengthOf(all[other]!.waypoints));
  for (const index of order) {
    const one = all[index]!;
    const around = reach(one);
    const near = [...taken, ...boxes].filter((box) => meet(box, around));
    const crossed = lines(index).filter((box) => meet(box, around));
    const found = placeOne(one, near, crossed);
    placed[index] = found;
    boxes.push(boxOf(found, one.forms[found.form]!));
  }
  return placed;
}

const SAYS = 2; // so many forms say more than a letter

function placeOne(one: Wanted, taken: Box[], lines: Box[]): Placed {
  const places = placesAlong(one.waypoints, one.ideal);
  const all = [...one.forms.entries()];
  const words = one.forms.length > SAYS ? all.slice(0, SAYS) : [];
  return (
    (lines.length ? first(words, places, [...taken, ...lines]) : null) ?? first(all, places, taken) ?? { ...one.ideal, form: one.forms.length - 1 }
  );
}

function first(forms: [number, Size][], places: Place[], taken: Box[]): Placed | null {
  for (const [form, size] of forms) {
    const shifts = [0, size.width / 2 - INSET, INSET - size.width / 2];
    for (const { point, isUpright } of places) {
      for (const shift of size.width > 4 * INSET ? shifts : [0]) {
        const middle = isUpright ? { x: point.x + shift, y: point.y } : point;
        const box = boxOf(middle, size);
        if (!taken.some((other) => meet(box, other, GAP))) return { ...middle, form };
        if (!isUpright) break;
      }
    }
  }
  return null;
}

interface Place {
  point: Point;
  isUpright: boolean;
}

/** Points along the edge, those near `ideal` first, and whether the edge goes up or down there. */
function placesAlong(waypoints: Point[], ideal: Point): Place[] {
  const step = Math.max(STEP, lengthOf(waypoints) / MOST_TRIED);
  const found: (Place & { far: number })[] = [];
  for (let index = 1; index < waypoints.length; index++) {
    const [from, to] = [waypoints[index - 1]!, waypoints[index]!];
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const isUpright = Math.abs(dy) > Math.abs(dx);
    const long = Math.hypot(dx, dy);
    const at = (far: number) => {
      const point = { x: from.x + (dx * far) / long, y: from.y + (dy * far) / long };
      found.push({ point, isUpright, far: Math.hypot(point.x - ideal.x, point.y - ideal.y) });
    };
    // the ideal place itself, where it lies on this piece
    const along = long ? ((ideal.x - from.x) * dx + (ideal.y - from.y) * dy) / long : 0;
    const aside = long ? Math.abs((ideal.x - from.x) * dy - (ideal.y - from.y) * dx) / long : 0;
    if (long && along >= 0 && along <= long && aside < 1) at(along);
    for (let far = step / 2; far < long; far += step) at(far);
  }
  return found.sort((one, other) => one.far - other.far);
}

export const boxOf = (middle: Point, { width, height }: Size): Box => ({ x: middle.x - width / 2, y: middle.y - height / 2, width, height });

export function meet(one: Box, other: Box, gap = 0): boolean {
  return (
    one.x < other.x + other.width + gap && other.x < one.x + one.width + gap && one.y < other.y + other.height + gap && other.y < one.y + one.height + gap
  );
}

/** The straight pieces of an edge that lie flat or upright, as thin boxes; slanting ones are not avoided. */
export function linesOf(waypoints: Point[]): Box[] {
  return waypoints.slice(1).flatMap((to, index) => {
    const from = waypoints[index]!;
    const [width, height] = [Math.abs(to.x - from.x), Math.abs(to.y - from.y)];
    return Math.min(width, height) < 2 ? [{ x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), width, height }] : [];
  });
}

/** What a badge on this edge could touch. */
function reach({ waypoints, forms }: Wanted): Box {
  const [xs, ys] = [waypoints.map((point) => point.x), waypoints.map((point) => point.y)];
  const [across, down] = [forms[0]!.width + GAP, forms[0]!.height / 2 + GAP];
  const [x, y] = [Math.min(...xs) - across, Math.min(...ys) - down];
  return { x, y, width: Math.max(...xs) + across - x, height: Math.max(...ys) + down - y };
}

function lengthOf(waypoints: Point[]): number {
  return waypoints.slice(1).reduce((sum, point, index) => sum + Math.hypot(point.x - waypoints[index]!.x, point.y - waypoints[index]!.y), 0);
}
