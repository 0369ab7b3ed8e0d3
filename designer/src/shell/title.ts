/** The window's title: what the page is about comes first, as tabs cut off its end. */
import { useEffect } from "preact/hooks";

export function useTitle(about: string | null | undefined): void {
  useEffect(() => {
    document.title = about ? `${about} · Passerelle` : "Passerelle";
  }, [about]);
}
