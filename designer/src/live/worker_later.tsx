/** The ready program, loaded when somebody asks for it. */
import { Later } from "../drafts/later";

const load = () => import("./workers");

export const WorkerDialog = (props: { type: string; onClose: () => void }) => <Later load={load} props={props} />;
