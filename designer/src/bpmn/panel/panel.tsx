/** The right side: first in words what a process owner knows, everything else behind *Technical*. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { hasJob, type Path, partyOf, Places } from "../../handoff/analysis";
import type { Handoffs } from "../../handoff/layer";
import { extension, type Moddle } from "../../handoff/moddle";
import { editsOf } from "../edits";
import { formsOf } from "../form_fields";
import { type Services, show as showElement } from "../modeler";
import { translate } from "../translate";
import { variablesAt } from "../variables";
import { Case, Milestones } from "./cases";
import { Contract } from "./contracts";
import { Section, Text } from "./controls";
import type { Drawing } from "./drawing";
import { Timer } from "./events";
import { Outputs, Inputs } from "./mappings";
import { Message } from "./messages";
import { Party } from "./parties";
import { FlowCondition, Ways } from "./ways";
import { t } from "./words";
import "./panel.css";
import { Call, Crossings, Decision, Due, FormChoice, How, Job, Script, Who } from "./work";

interface PanelProps {
  modeler: Services;
  /** What is chosen; null for the canvas itself and for several elements. */
  element: Services | null;
  /** Another number after each edit: the model changes in place, and equal properties draw nothing anew. */
  edits: number;
  /** The files of the draft: its forms can be chosen. */
  files?: readonly { name: string; content: string }[];
  onOpenForm?: Drawing["onOpenForm"];
  onFormFromContract?: Drawing["onFormFromContract"];
}

const NO_FILES: readonly { name: string; content: string }[] = [];

export function Panel({ modeler, element, files = NO_FILES, onOpenForm, onFormFromContract }: PanelProps) {
  const [tab, show] = useState<"business" | "technical">("business");
  const forms = useMemo(() => formsOf(files), [files]);
  const decisions = useMemo(() => idsOf(files, ".dmn", "decision"), [files]);
  const processes = useMemo(() => idsOf(files, ".bpmn", "process"), [files]);
  const many = modeler.get("selection").get().length;
  const drawn = (element?.labelTarget ?? element) || modeler.get("canvas").getRootElement();
  const model = drawn?.businessObject as Moddle | undefined;
  if (!model) return null;
  const paths = (modeler.get("handoffs") as Handoffs).paths as Path[];
  const drawing: Drawing = {
    modeler, edits: editsOf(modeler), element: drawn, model, paths, side: sideOf(modeler, model), forms,
    variables: variablesAt(model, { forms }), decisions, processes, goTo: (id) => void showElement(modeler, id), onOpenForm, onFormFromContract,
  };
  return (
    <div class="draw-panel">
      <header>
        <div class="what"><span class="type">{typeOf(model)}</span><strong>{many > 1 ? t("many", { n: many }) : model.name || (model.$type === "bpmn:Collaboration" ? t("whole") : t("unnamed"))}</strong></div>
        <div class="tabs" role="tablist" aria-label={t("panel")}>
          {(["business", "technical"] as const).map((each) => (
            <button type="button" role="tab" key={each} aria-selected={tab === each} onClick={() => show(each)}>{t(each)}</button>
          ))}
        </div>
      </header>
      {tab === "technical" ? <Technical {...drawing} /> : (
        <div class="panel-body" role="tabpanel">{many > 1 ? <p class="hint ask-body">{t("nothing")}</p> : <Business key={drawn.id} {...drawing} />}</div>
      )}
    </div>
  );
}

/** Ids of all elements of that name in the files of that kind. */
function idsOf(files: readonly { name: string; content: string }[], ending: string, tag: string): string[] {
  const found = files.filter((file) => file.name.endsWith(ending)).flatMap((file) => {
    const document = new DOMParser().parseFromString(file.content, "application/xml");
    return [...document.getElementsByTagNameNS("*", tag)].map((each) => each.getAttribute("id") ?? "");
  });
  return [...new Set(found)].filter(Boolean);
}

function sideOf(modeler: Services, model: Moddle) {
  if (!model.$instanceOf?.("bpmn:FlowNode")) return null;
  const places = new Places(modeler.getDefinitions());
  return places.process(model) ? places.sideOfNode(model) : null; // what does not run has a side too
}

/** "Timer boundary event", in the words of the drawing tools. */
function typeOf(model: Moddle): string {
  const event = (model.eventDefinitions as Moddle[] | undefined)?.[0]?.$type.replace(/^bpmn:|EventDefinition$/g, "") ?? "";
  const words = model.$type.replace(/^bpmn:/, "").replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase().replace("sub process", "sub-process").replace("ad hoc", "ad-hoc");
  const known: Record<string, string> = { participant: "Pool/participant", "event based gateway": "Event-based gateway" };
  const plain = event ? `${event.toLowerCase()} ${words}` : words;
  return translate(known[plain] ?? plain.charAt(0).toUpperCase() + plain.slice(1));
}

function Business(drawing: Drawing) {
  const { model, element, edits } = drawing;
  const process = model.$type === "bpmn:Process" ? model : (model.processRef as Moddle | undefined);
  const definition = ((model.eventDefinitions as Moddle[]) ?? [])[0];
  const isRoot = model.$type === "bpmn:Process" || model.$type === "bpmn:Collaboration";
  const isFlow = model.$type === "bpmn:SequenceFlow" || model.$type === "bpmn:MessageFlow";
  const isNode = Boolean(model.$instanceOf?.("bpmn:FlowNode"));
  const isPlace = model.$type === "bpmn:Participant" || model.$type === "bpmn:Lane";
  return (
    <>
      {!isRoot && <div class="ask-body first"><Text label={t("name")} lines={isNode ? 2 : 1} value={String(model.name ?? "")} onChange={(name) => edits.set(element, { name: name || undefined })} /></div>}
      {isPlace && <Party {...drawing} />}
      {isFlow && <Contract {...drawing} />}
      {model.$type === "bpmn:SequenceFlow" && <FlowCondition {...drawing} />}
      {isNode && <Node {...drawing} definition={definition} />}
      {process && <Case {...drawing} model={process} />}
      {model.$type === "bpmn:Collaboration" && <Parties {...drawing} />}
      <Documentation {...drawing} model={isRoot && process ? process : model} />
    </>
  );
}

/** Nothing is chosen: who takes part, each the way to its pool. */
function Parties({ model, goTo, paths }: Drawing) {
  return (
    <>
      <p class="hint ask-body">{t("nothing")}</p>
      <Section title={t("parties")}>
        <ul class="crossings">
          {((model.participants as Moddle[]) ?? []).map((pool) => {
            const kind = (partyOf(pool)?.kind ?? "host") as "host";
            return (
              <li key={pool.id}>
                <button type="button" class="link" onClick={() => goTo(pool.id)}>{pool.name || pool.id}</button>
                <span class={`kind-mark ${kind}`}>{t(kind)}</span>
              </li>
            );
          })}
        </ul>
        <p class="hint">{t("summary", { n: paths.length })}</p>
      </Section>
    </>
  );
}

function Node(drawing: Drawing & { definition: Moddle | undefined }) {
  const { model, definition } = drawing;
  const type = model.$type.replace("bpmn:", "");
  const isStart = type === "StartEvent" && !definition && model.$parent?.$type === "bpmn:Process";
  const hasDecision = Boolean(extension(model, "zeebe:CalledDecision"));
  const hasScript = Boolean(extension(model, "zeebe:Script"));
  const isMessage = definition?.$type === "bpmn:MessageEventDefinition";
  const isSent = type === "SendTask" || (isMessage && ["IntermediateThrowEvent", "EndEvent"].includes(type));
  const isJob = isSent || type === "ServiceTask" || (type === "BusinessRuleTask" && !hasDecision) || (type === "ScriptTask" && !hasScript);
  const isPost = (isSent && !hasJob(model)) || (isMessage && !isSent) || type === "ReceiveTask";
  const isCaught = isPost && !isSent;
  return (
    <>
      <Who {...drawing} />
      {type === "Task" && <How {...drawing} />}
      {(type === "UserTask" || isStart) && <FormChoice {...drawing} />}
      {type === "UserTask" && <Due {...drawing} />}
      {isPost && <Message {...drawing} holder={isMessage ? definition! : model} />}
      {isJob && <Job {...drawing} isOptional={isSent} />}
      {type === "BusinessRuleTask" && hasDecision && <Decision {...drawing} />}
      {type === "ScriptTask" && hasScript && <Script {...drawing} />}
      {type === "CallActivity" && <Call {...drawing} />}
      {isCaught && <Outputs {...drawing} open={false} />}
      {(type === "UserTask" || type === "SubProcess") && <><Inputs {...drawing} open={false} /><Outputs {...drawing} open={false} /></>}
      {definition?.$type === "bpmn:TimerEventDefinition" && <Timer {...drawing} definition={definition} />}
      {(/Gateway$/.test(type) || ((model.outgoing as Moddle[]) ?? []).length > 1) && <Ways {...drawing} />}
      <Crossings {...drawing} />
      <Milestones {...drawing} />
    </>
  );
}

function Documentation({ model, element, edits }: Drawing) {
  const said = (model.documentation as Moddle[] | undefined)?.[0];
  const say = (text: string) => {
    if (said && text) edits.below(element, said, { text });
    else edits.below(element, model, { documentation: text ? [edits.create("bpmn:Documentation", { text }, model)] : [] });
  };
  return <Section title={t("documentation")} open={Boolean(said?.text)}><Text quiet label={t("documentation")} lines={4} hint={t("documentationHint")} value={String(said?.text ?? "")} onChange={say} /></Section>;
}

function Technical({ modeler, element }: Drawing) {
  const place = useRef<HTMLDivElement>(null);
  const [isLoading, load] = useState(true);
  const chosen = useRef(element);
  chosen.current = element;
  useEffect(() => {
    let takeAway: (() => void) | null = null;
    let gone = false;
    import("./technical").then(({ technicalIn }) => {
      if (gone) return;
      load(false);
      takeAway = technicalIn(place.current!, modeler, chosen.current);
    });
    return () => {
      gone = true;
      takeAway?.();
    };
  }, [modeler]);
  return <div class="panel-body technical" role="tabpanel" ref={place}>{isLoading && <p class="dock-empty">{t("loading")}</p>}</div>;
}
