/** The diagram as a tree: pools, lanes, elements in the order of the work. The way through it by keyboard and for screen readers. */
import { type Analysis, lanesOf, type Moddle, partyOf } from "../handoff/analysis";
import { room } from "../shell/words";
import { translate } from "./translations";

const t = room({
  en: { outline: "Outline", unnamed: "without a name", leads: "then {names}", empty: "Nothing is drawn yet." },
  fr: { outline: "Plan", unnamed: "sans nom", leads: "puis {names}", empty: "Rien n'est encore dessiné." },
});

interface Branch {
  element: Moddle;
  inside: Branch[];
}

interface Props {
  analysis: Analysis;
  selected: string | null;
  onSelect: (id: string, isDone: boolean) => void;
}

/** Enter goes on into the diagram; the arrows go from line to line. */
export function Outline({ analysis, selected, onSelect }: Props) {
  const branches = treeOf(analysis);
  if (!branches.length) return <p class="dock-empty">{t("empty")}</p>;
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const lines = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLButtonElement>("button")];
    lines[lines.indexOf(document.activeElement as HTMLButtonElement) + step]?.focus();
  };
  return <nav class="outline" aria-label={t("outline")} onKeyDown={move}><Level branches={branches} selected={selected} onSelect={onSelect} /></nav>;
}

function Level({ branches, selected, onSelect }: Omit<Props, "analysis"> & { branches: Branch[] }) {
  return (
    <ul>
      {branches.map(({ element, inside }) => (
        <li key={element.id}>
          <button type="button" aria-current={selected === element.id ? "true" : undefined} onClick={() => onSelect(element.id, false)}
            onKeyDown={(event) => event.key === "Enter" && onSelect(element.id, true)}>
            <span class={`outline-mark ${markOf(element)}`} aria-hidden="true" />
            <span class="name">{element.name || <i>{t("unnamed")}</i>}</span>
            <span class="hidden">{typeOf(element)}. {next(element)}</span>
          </button>
          {inside.length > 0 && <Level branches={inside} selected={selected} onSelect={onSelect} />}
        </li>
      ))}
    </ul>
  );
}

export function typeOf(element: Moddle): string {
  const event = (element.eventDefinitions as Moddle[] | undefined)?.[0]?.$type.replace(/^bpmn:|EventDefinition$/g, "") ?? "";
  const words = element.$type.replace(/^bpmn:/, "").replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase().replace("sub process", "sub-process").replace("ad hoc", "ad-hoc");
  const known: Record<string, string> = { participant: "Pool/participant", "event based gateway": "Event-based gateway" };
  const plain = event ? `${event.toLowerCase()} ${words}` : words;
  const template = known[plain] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
  return translate(template);
}

function next(element: Moddle): string {
  const names = ((element.outgoing as Moddle[]) ?? []).map((flow) => flow.targetRef?.name || flow.targetRef?.id).filter(Boolean);
  return names.length ? t("leads", { names: names.join(", ") }) : "";
}

function markOf(element: Moddle): string {
  if (element.$type === "bpmn:Participant" || element.$type === "bpmn:Lane") return `side ${partyOf(element)?.kind ?? ""}`;
  return /Gateway$/.test(element.$type) ? "gateway" : /Event$/.test(element.$type) ? "event" : "activity";
}

function treeOf({ elements }: Analysis): Branch[] {
  const processes = [...elements.values()].filter((each) => each.$type === "bpmn:Process");
  const pools = [...elements.values()].filter((each) => each.$type === "bpmn:Participant");
  const drawn = pools.map((pool) => ({ element: pool, inside: pool.processRef ? contentOf(pool.processRef) : [] }));
  const alone = processes.filter((process) => !pools.some((pool) => pool.processRef === process)).flatMap(contentOf);
  return [...drawn, ...alone];
}

function contentOf(container: Moddle): Branch[] {
  const nodes = ((container.flowElements as Moddle[]) ?? []).filter((each) => each.$instanceOf?.("bpmn:FlowNode"));
  const branches = new Map(inOrder(nodes).map((node) => [node.id, { element: node, inside: node.flowElements ? contentOf(node) : [] }]));
  const placed = new Set<string>();
  const lane = (of: Moddle): Branch => {
    const inner = ((of.childLaneSet?.lanes as Moddle[]) ?? []).map(lane);
    const own = [...branches.values()].filter(({ element }) => !placed.has(element.id) && (of.flowNodeRef as Moddle[] | undefined)?.includes(element));
    for (const { element } of own) placed.add(element.id);
    return { element: of, inside: [...inner, ...own] };
  };
  const outer = new Set([...lanesOf(container)].filter((each) => each.$parent?.$parent === container));
  const lanes = [...outer].map(lane);
  return [...lanes, ...[...branches.values()].filter(({ element }) => !placed.has(element.id))];
}

/** As the work goes: from what has nothing before it along the flows. */
function inOrder(nodes: Moddle[]): Moddle[] {
  const seen = new Set<Moddle>();
  const visit = (node: Moddle) => {
    if (seen.has(node) || !nodes.includes(node)) return;
    seen.add(node);
    for (const flow of (node.outgoing as Moddle[]) ?? []) if (flow.targetRef) visit(flow.targetRef);
  };
  for (const node of nodes) if (!(node.incoming as Moddle[] | undefined)?.length && node.$type !== "bpmn:BoundaryEvent") visit(node);
  nodes.forEach(visit);
  return [...seen];
}
