/**
 * A click on the context pad counts while a name is being written. bpmn-js ends the writing at the press of the button, and draws the
 * pad anew: the button that was pressed is gone before it is let go, and nothing happens. Here the writing ends after the click.
 */
import type { Services } from "./modeler";

function KeptClicks(directEditing: Services, canvas: Services): void {
  const textbox = directEditing._textbox; // no public way: which element is written in, and what leaving it does
  const leave = textbox.focusoutHandler;
  let onPad = false;
  canvas.getContainer().addEventListener("mousedown", (event: MouseEvent) => {
    onPad = Boolean((event.target as Element).closest(".djs-context-pad"));
    setTimeout(() => (onPad = false)); // the focus leaves in the same turn
  }, true);
  textbox.focusoutHandler = (event: FocusEvent) => {
    if (!onPad) return leave(event);
    const written = directEditing._active;
    addEventListener("mouseup", () => setTimeout(() => written && directEditing._active === written && directEditing.complete()), { once: true });
  };
}
KeptClicks.$inject = ["directEditing", "canvas"];

export const keptClicks = { __init__: ["keptClicks"], keptClicks: ["type", KeptClicks] };
