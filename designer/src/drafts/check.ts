/** What the server makes of files: their problems, handoffs, parties, work and people. Nothing is stored there. */
import type { Kind } from "../handoff/kinds";
import { post } from "../shell/api";
import type { DraftFile } from "./store";

export interface Finding {
  level: "error" | "warning";
  file: string;
  elementId: string | null;
  elementName: string | null;
  field: string | null;
  line: number | null;
  rule: string;
  message: string;
  expression?: { text: string; position: number };
  fix?: { kind: string } & Record<string, unknown>;
}

export interface ContractField {
  name: string;
  label: string | null;
  type: string;
  required: boolean;
  sensitive: boolean;
}

export interface Contract {
  flowId: string;
  acceptWithin: string | null;
  completeWithin: string | null;
  calendar: "always" | "working";
  acknowledgement: "explicit" | "none";
  channel: string | null;
  assurance: string;
  returnable: boolean;
  fields: ContractField[];
}

export interface FoundHandoff {
  file: string;
  process: string;
  path: string[];
  from: string | null;
  to: string | null;
  fromSide: string;
  toSide: string;
  kind: Kind;
  contract: Contract | null;
  message: boolean;
}

export interface Checked {
  problems: Finding[];
  processes: { file: string; processId: string | null; name: string | null; elementId: string | null; publicStart: boolean }[];
  parties: { file: string; elementId: string; role: string; kind: string; name: string; partyId: string | null; bound: string }[];
  handoffs: FoundHandoff[];
  jobTypes: { file: string; elementId: string; type: string; lastAskedAt: string | null }[];
  people: { file: string; laneId: string | null; group: string | null; members: number }[];
}

export async function check(files: DraftFile[], signal?: AbortSignal): Promise<Checked> {
  const found = await post<Checked>("/passerelle/v1/checks", { files: files.map(({ name, content }) => ({ name, content })) }, { signal });
  return { ...found, problems: found.problems.map((one) => ({ ...one, expression: one.expression ?? undefined, fix: one.fix ?? undefined })) };
}
