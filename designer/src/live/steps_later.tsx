/** The list of steps, loaded only where a model has no drawing. */
import { Later } from "../drafts/later";
import type { Props } from "./outline";

const load = () => import("./outline");

export const StepsView = (props: Props) => <Later load={load} props={props} />;
