/** What every part of the panel is given: the chosen element, what is known about the model, and how to change it. */
import type { Analysis, Handoff, Moddle } from "../../handoff/analysis";
import type { Edits } from "../edits";
import type { Modeler, Shape } from "../modeler";
import type { Form, Variable } from "../variables";

export interface Drawing {
  modeler: Modeler;
  edits: Edits;
  element: Shape;
  /** The element in the model. */
  model: Moddle;
  analysis: Analysis;
  forms: Form[];
  variables: Variable[];
  flowOf: (handoff: Handoff) => string;
  goTo: (id: string) => void;
  onOpenForm?: (formId: string | null, elementId: string) => void;
  onFormFromContract?: (flowId: string) => void;
}
