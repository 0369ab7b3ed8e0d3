/** Where on the drawing an edge leaves one side and comes to the other. Pure geometry. */
export interface Point {
  x: number;
  y: number;
}
export interface Box extends Point {
  width: number;
  height: number;
}

const inside = (point: Point, box: Box) =>
  point.x >= box.x && point.x <= box.x + box.width && point.y >= box.y && point.y <= box.y + box.height;

/** Halfway (along the edge) between leaving `from` and entering `to`; the middle of the edge where it touches neither. */
export function crossingOf(waypoints: Point[], from: Box | null, to: Box | null): Point {
  const total = lengthOf(waypoints);
  if (!total) return waypoints[0] ?? { x: 0, y: 0 };
  const left = from ? lastInside(waypoints, total, (point) => inside(point, from)) : null;
  const entered = to ? firstInside(waypoints, total, (point) => inside(point, to)) : null;
  if (left === null && entered === null) return at(waypoints, total / 2);
  return at(waypoints, ((left ?? entered!) + (entered ?? left!)) / 2);
}

/** How far along the edge it is inside, from its start on; null where it does not start inside, or never leaves. */
function lastInside(waypoints: Point[], total: number, within: (point: Point) => boolean): number | null {
  if (!within(waypoints[0]!) || within(waypoints.at(-1)!)) return null;
  let [low, high] = [0, total];
  for (let turn = 0; turn < 24; turn++) {
    const middle = (low + high) / 2;
    if (within(at(waypoints, middle))) low = middle;
    else high = middle;
  }
  return low;
}

function firstInside(waypoints: Point[], total: number, within: (point: Point) => boolean): number | null {
  const turned = lastInside([...waypoints].reverse(), total, within);
  return turned === null ? null : total - turned;
}

function lengthOf(waypoints: Point[]): number {
  return waypoints.slice(1).reduce((sum, point, index) => sum + distance(waypoints[index]!, point), 0);
}

const distance = (one: Point, other: Point) => Math.hypot(other.x - one.x, other.y - one.y);

/** The point `far` along a line. */
export function at(waypoints: Point[], far: number): Point {
  let rest = far;
  for (let index = 1; index < waypoints.length; index++) {
    const [one, other] = [waypoints[index - 1]!, waypoints[index]!];
    const step = distance(one, other);
    if (rest <= step && step > 0) {
      const share = rest / step;
      return { x: one.x + (other.x - one.x) * share, y: one.y + (other.y - one.y) * share };
    }
    rest -= step;
  }
  return waypoints.at(-1)!;
}
