/** ISO 8601 durations, short enough for a badge: "PT4H" is "4 h". */
import { room } from "../shell/words";

const t = room({ en: { Y: "y", M: "mo", W: "w", D: "d", H: "h", m: "min", S: "s" }, fr: { Y: "a", M: "mois", W: "sem", D: "j", H: "h", m: "min", S: "s" } });

const SHAPE = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const UNITS = ["Y", "M", "W", "D", "H", "m", "S"] as const;

/** The duration in short words; what is no duration comes back as it is written. */
export function shortLimit(text: string): string {
  const match = SHAPE.exec(text.trim());
  const parts = match ? UNITS.flatMap((unit, index) => (match[index + 1] ? [`${match[index + 1]} ${t(unit)}`] : [])) : [];
  return parts.join(" ") || text;
}
