/** What really happened on the edges of a model: how long the work took, and how much is late at this moment. */
import type { Path } from "../handoff/analysis";
import type { Reality, RealityOf } from "../handoff/layer";
import { post } from "../shell/api";

interface Figures {
  processDefinitionId: string;
  flowId: string;
  count: number;
  timeTotal: { median: number | string | null };
}

/** Of all versions of these processes; undefined where nothing has crossed yet. The figures stand at the flow of the contract, else at the last of the path. */
export async function realityOf(processIds: string[]): Promise<RealityOf | undefined> {
  if (!processIds.length) return undefined;
  const ask = (more: object) =>
    post<{ items: Figures[] }>("/passerelle/v1/insights/handoffs", { filter: { processDefinitionId: { $in: processIds }, ...more }, groupBy: ["flow"], limit: 1000 });
  const [all, late] = await Promise.all([ask({}), ask({ state: { $in: ["OFFERED", "ACCEPTED"] }, clock: "LATE" })]);
  if (!all.items.length) return undefined;
  const key = (process: string, flow: string): string => `${process} ${flow}`;
  const lateNow = new Map(late.items.map((one) => [key(one.processDefinitionId, one.flowId), one.count]));
  const found = new Map<string, Reality>(
    all.items.map((one) => [
      key(one.processDefinitionId, one.flowId),
      { count: one.count, medianSeconds: one.timeTotal.median === null ? null : Number(one.timeTotal.median), late: lateNow.get(key(one.processDefinitionId, one.flowId)) ?? 0 },
    ]),
  );
  return (path: Path) => found.get(key(path.process, path.contract?.flowId ?? path.flowIds.at(-1)!));
}

/** The processes of a model, by their ids, as they stand in its text. */
export const processIdsOf = (xml: string): string[] => [...new Set([...xml.matchAll(/<(?:[\w.-]+:)?process\b[^<>]*?\sid=["']([^"'<>]+)["']/g)].map((found) => found[1]!))];
