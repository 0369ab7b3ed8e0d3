/** How a field takes what is typed: after a pause, with Enter and when it is left, all of it one step to undo. Escape takes it back. */
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { Visit } from "../edits";

const PAUSE = 400; // ms; the drawing follows, and who closes the window loses no more than this

export interface Typed {
  /** As the model has it. */
  value: string;
  onChange: (value: string) => void;
  /** The value of a text; null: it is refused, and nothing changes. */
  read?: (text: string) => string | null;
  /** The text of a value. */
  shown?: (value: string) => string;
  /** Whether half a text may take effect; what is left empty waits in any case, for some fields go when they are empty. */
  mayPause?: (text: string) => boolean;
  /** For a field that keeps its text itself: it is another one now, by other hands than those that type. */
  onReset?: (text: string) => void;
}

const trimmed = (text: string): string => text.trim();
const itself = (value: string): string => value;
const always = (): boolean => true;

export function useTyping({ value, onChange, read = trimmed, shown = itself, mayPause = always, onReset }: Typed) {
  const [typed, show] = useState(() => shown(value));
  const [isSettled, settle] = useState(true);
  const [visits, left] = useState(0);
  const [now] = useState(() => ({ typed, value, said: value, onChange, read, shown, visit: new Visit(), isHere: false, pause: undefined as ReturnType<typeof setTimeout> | undefined }));
  Object.assign(now, { value, onChange, read, shown });

  const set = (text: string) => {
    now.typed = text;
    show(text);
  };
  const reset = () => {
    clearTimeout(now.pause);
    now.visit = new Visit();
    set(now.shown(now.value));
    settle(true);
    onReset?.(now.typed);
  };
  const commit = () => {
    clearTimeout(now.pause);
    settle(true);
    if (now.typed === now.shown(now.value)) return; // nothing was typed: how a value looks is never written back
    const text = now.read(now.typed);
    if (text === null || text === now.value) return;
    const before = now.value;
    now.said = now.value = text; // until it is drawn anew, for leaving may follow at once
    now.visit.commit(text, before, now.onChange);
  };
  const type = (text: string) => {
    now.isHere = true;
    set(text);
    settle(false);
    clearTimeout(now.pause);
    if (text.trim() && mayPause(text)) now.pause = setTimeout(commit, PAUSE);
  };
  const leave = () => {
    commit();
    now.visit = new Visit();
    now.isHere = false;
    left(visits + 1);
  };
  const escape = () => {
    now.said = now.value = now.visit.takeBack() ?? now.value;
    reset();
  };

  useLayoutEffect(() => {
    const isElsewhere = now.said !== value; // undone, or changed by other hands
    now.said = value;
    // who left sees what the model has; what it refused stays, to be mended
    if (!isElsewhere && (now.isHere || (now.typed.trim() && read(now.typed) === null))) return;
    reset();
  }, [value, visits]);
  useEffect(() => commit, []); // another element was chosen: what was typed belongs to the one before

  /** `lines` > 1: Enter begins a line. */
  const onKeyDown = (event: KeyboardEvent, lines = 1) => {
    if (event.key === "Escape") escape();
    else if (event.key === "Enter" && (lines === 1 || event.ctrlKey)) commit();
    else return;
    event.stopPropagation();
  };
  return { typed, isSettled, type, leave, onKeyDown };
}
