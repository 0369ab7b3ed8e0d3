/** The right side: first in words what a process owner knows, everything else behind *Technical*. */
import { useEffect, useRef, useState } from "preact/hooks";
import { extension, type Moddle, partyOf } from "../../handoff/analysis";
import { typeOf } from "../outline";
import { Case, Milestones } from "./cases";
import { Contract } from "./contracts";
import { Section, Text } from "./controls";
import type { Drawing } from "./drawing";
import { Message, Timer } from "./events";
import { Party } from "./parties";
import { FlowCondition, Ways } from "./ways";
import { t } from "./words";
import { Call, Crossings, Decision, Due, FormChoice, Job, Script, Who } from "./work";

export function Panel(drawing: Drawing & { chosen: number }) {
  const [tab, show] = useState<"business" | "technical">("business");
  const { model, chosen } = drawing;
  return (
    <aside class="draw-panel" aria-label={t("panel")}>
      <header>
        <div class="what"><span class="type">{typeOf(model)}</span><strong>{chosen > 1 ? t("many", { n: chosen }) : model.name || (model.$type === "bpmn:Collaboration" ? t("whole") : t("unnamed"))}</strong></div>
        <div class="tabs" role="tablist">
          {(["business", "technical"] as const).map((each) => (
            <button type="button" role="tab" key={each} aria-selected={tab === each} onClick={() => show(each)}>{t(each)}</button>
          ))}
        </div>
      </header>
      {tab === "technical" ? <Technical {...drawing} /> : <div class="panel-body" role="tabpanel">{chosen > 1 ? <p class="hint ask-body">{t("nothing")}</p> : <Business key={drawing.element.id} {...drawing} />}</div>}
    </aside>
  );
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
function Parties({ model, goTo, analysis }: Drawing) {
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
        <p class="hint">{t("summary", { n: analysis.handoffs.length })}</p>
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
  const isJob = ["ServiceTask", "SendTask"].includes(type) || (type === "BusinessRuleTask" && !hasDecision) || (type === "ScriptTask" && !hasScript);
  const isMessage = definition?.$type === "bpmn:MessageEventDefinition";
  return (
    <>
      <Who {...drawing} />
      {(type === "UserTask" || isStart) && <FormChoice {...drawing} />}
      {type === "UserTask" && <Due {...drawing} />}
      {isJob && <Job {...drawing} />}
      {type === "BusinessRuleTask" && hasDecision && <Decision {...drawing} />}
      {type === "ScriptTask" && hasScript && <Script {...drawing} />}
      {type === "CallActivity" && <Call {...drawing} />}
      {definition?.$type === "bpmn:TimerEventDefinition" && <Timer {...drawing} definition={definition} />}
      {(isMessage || type === "ReceiveTask") && <Message {...drawing} holder={isMessage ? definition! : model} />}
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
