/** The models that tests read: this project's own and, where they are at hand, those of the BPMN model interchange and of other engines. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
// @ts-ignore: the package has no types at its door
import { BpmnModdle } from "bpmn-moddle";
import handoff from "../../../engine/bpmn/handoff.moddle.json";
import zeebe from "zeebe-bpmn-moddle/resources/zeebe.json";

const top = resolve(import.meta.dirname, "../../..");
const conformance = process.env.CONFORMANCE ?? join(top, "../shared/conformance");

/** Moddle elements carry whatever their description says. */
export type Moddle = any;
export interface Model { name: string; text: string }

export const moddle = (): Moddle => new BpmnModdle({ zeebe, handoff });

export const ownModels: Model[] = [...modelsIn(join(top, "processes")), ...modelsIn(join(top, "designer/src/handoff/fixtures"))];
export const foreignModels: Model[] = ["miwg", "betsy", "cases"].flatMap((folder) => modelsIn(join(conformance, folder)));

function modelsIn(folder: string): Model[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".bpmn"));
  return names.sort().map((name) => ({ name: name.split("/").pop()!, text: readFileSync(join(folder, name), "utf8") }));
}

export async function read(text: string): Promise<Moddle> {
  return (await moddle().fromXML(text)).rootElement;
}

export async function write(definitions: Moddle): Promise<string> {
  return (await definitions.$model.toXML(definitions, { format: true })).xml;
}

export const serialise = async (text: string): Promise<string> => write(await read(text));
