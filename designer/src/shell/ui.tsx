/** The small parts that pages are made of: icons, buttons, a dialog, notices. Native elements, our own tokens. */
import type { ComponentChildren, JSX } from "preact";
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { room } from "./words";

const t = room({ en: { close: "Close" }, fr: { close: "Fermer" } });

const SHAPES: Record<string, string> = {
  bridge: "M2 17h20M4 17v-3c0-4 3.5-7 8-7s8 3 8 7v3M8 17V9.2M12 17V7M16 17V9.2",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  undo: "M9 14L4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  redo: "M15 14l5-5-5-5M20 9H10a6 6 0 0 0 0 12h3",
  warning: "M12 3l10 18H2L12 3zM12 10v5M12 18v.5",
  error: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zM12 7v6M12 16.5v.5",
  check: "M5 13l4 4L19 7",
  play: "M7 4l13 8-13 8V4z",
  down: "M6 9l6 6 6-6",
  file: "M6 2h8l4 4v16H6V2zM14 2v4h4",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
  people: "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2 21c0-4 3-7 7-7s7 3 7 7M16 3.5a4 4 0 0 1 0 7M18 14.5c2.5.8 4 3 4 6.5",
  crossing: "M3 8h14l-4-4M21 16H7l4 4",
  more: "M5 12h.01M12 12h.01M19 12h.01",
};

export function Icon({ name, label }: { name: keyof typeof SHAPES | string; label?: string }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"
      role={label ? "img" : undefined} aria-label={label} aria-hidden={label ? undefined : true}>
      <path d={SHAPES[name] ?? ""} />
    </svg>
  );
}

type ButtonProps = Omit<JSX.IntrinsicElements["button"], "icon"> & { icon?: string; kind?: "primary" | "plain" | "danger" };

export function Button({ icon, kind, children, class: given, ...rest }: ButtonProps) {
  return (
    <button type="button" class={`button ${kind ?? ""} ${given ?? ""}`} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A modal dialog; Escape and the cross close it, the focus returns to where it was. */
export function Dialog({ title, onClose, children, wide }: { title: string; onClose: () => void; children: ComponentChildren; wide?: boolean }) {
  const place = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    place.current?.showModal();
    return () => before?.focus?.();
  }, []);
  return (
    <dialog ref={place} class={wide ? "wide" : ""} aria-labelledby="dialog-title" onClose={onClose} onCancel={onClose}>
      <header><h2 id="dialog-title">{title}</h2><button type="button" class="button plain" aria-label={t("close")} onClick={onClose}><Icon name="close" /></button></header>
      {children}
    </dialog>
  );
}

interface Notice {
  text: string;
  bad: boolean;
}
const notice = signal<Notice | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

/** Says something for some seconds, for screen readers too; an error stays until it is closed. */
export function tell(text: string, bad = false): void {
  notice.value = { text, bad };
  clearTimeout(timer);
  if (!bad) timer = setTimeout(() => (notice.value = null), 6000);
}

export function Notices() {
  const said = notice.value;
  return (
    <div class="notices" role="status" aria-live="polite">
      {said && (
        <p class={said.bad ? "notice bad" : "notice"}>
          <Icon name={said.bad ? "error" : "check"} /> {said.text}
          <button type="button" class="button plain" aria-label={t("close")} onClick={() => (notice.value = null)}><Icon name="close" /></button>
        </p>
      )}
    </div>
  );
}
