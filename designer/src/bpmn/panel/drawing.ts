/** What every part of the panel is given: the chosen element, what is known about the model, and how to change it. */
import type { Path, Side } from "../../handoff/analysis";
import type { Moddle } from "../../handoff/moddle";
import type { Edits } from "../edits";
import type { Services } from "../modeler";
import type { Forms, Variable } from "../variables";

export interface Drawing {
  modeler: Services;
  edits: Edits;
  /** As it is drawn. */
  element: Services;
  /** As it is in the model. */
  model: Moddle;
  paths: Path[];
  side: Side | null;
  forms: Forms;
  variables: Variable[];
  /** Ids of the draft's decisions and processes, to choose from. */
  decisions: string[];
  processes: string[];
  goTo: (id: string) => void;
  /** null: a new form is wanted for the element. */
  onOpenForm?: (formId: string | null, elementId: string) => void;
  onFormFromContract?: (flowId: string) => void;
}
