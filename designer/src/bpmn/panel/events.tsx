/** An event: when. */
import { useEffect, useState } from "preact/hooks";
import { parts } from "../../handoff/durations";
import type { Moddle } from "../../handoff/moddle";
import { language } from "../../shell/words";
import { Choice, Feel, Limit, Section, Text } from "./controls";
import type { Drawing } from "./drawing";
import { type Cycle, type Every, type Fixed, localOf, momentOf, readCycle, tomorrow, writeCycle } from "./times";
import { t } from "./words";

const TIMES = ["timeDuration", "timeDate", "timeCycle"] as const;
type Time = (typeof TIMES)[number];

export function Timer({ edits, element, model, variables, definition }: Drawing & { definition: Moddle }) {
  const kind = TIMES.find((each) => definition[each]) ?? "timeDuration";
  const value = String(definition[kind]?.body ?? "");
  const set = (name: Time, text: string) => {
    const expression = text ? edits.create("bpmn:FormalExpression", { body: text }, definition) : undefined;
    edits.below(element, definition, Object.fromEntries(TIMES.map((each) => [each, each === name ? expression : undefined])));
  };
  const kinds = TIMES.filter((each) => each !== "timeCycle" || each === kind || model.$type !== "bpmn:IntermediateCatchEvent"); // that one happens once
  return (
    <Section title={t("when")}>
      <Choice quiet label={t("when")} value={kind} options={kinds.map((each) => [each, t(`t_${each}`)])} onChange={(chosen) => set(chosen as Time, asOther(chosen as Time, value))} />
      <When key={kind} kind={kind} value={value} variables={variables} onChange={(text) => set(kind, text)} />
    </Section>
  );
}

/** What another kind of timer begins with: as near to what was said as it goes. */
function asOther(kind: Time, value: string): string {
  if (value.startsWith("=")) return value;
  if (kind === "timeDate") return tomorrow();
  const cycle = readCycle(value);
  if (kind === "timeDuration") return cycle?.kind === "every" ? cycle.every : "P1D";
  return parts(value) ? `R/${value.trim()}` : "R/P1D";
}

interface Said {
  value: string;
  onChange: (value: string) => void;
}

const SAYS: Record<Time, (value: string) => boolean> = {
  timeDuration: (value) => parts(value) !== null,
  timeDate: (value) => localOf(value) !== null,
  timeCycle: (value) => readCycle(value) !== null,
};

/** In words where they hold it; any other text, and whoever wants it, as ISO 8601, cron or FEEL. */
function When({ kind, value, variables, onChange }: Said & { kind: Time; variables: Drawing["variables"] }) {
  const isForeign = Boolean(value) && !SAYS[kind](value);
  const [asText, showText] = useState(isForeign);
  useEffect(() => {
    if (isForeign) showText(true); // and stays so while one types what words could hold
  }, [isForeign]);
  if (asText || isForeign) {
    return (
      <>
        <Feel mixed label={t(`t_${kind}`)} value={value} variables={variables} hint={t(kind === "timeCycle" ? "t_cycleHint" : "t_hint")} onChange={onChange} />
        {!isForeign && <button type="button" class="link small" onClick={() => showText(false)}>{t("simple")}</button>}
      </>
    );
  }
  return (
    <>
      {kind === "timeDuration" && <Limit label={t("t_timeDuration")} value={value} onChange={onChange} />}
      {kind === "timeDate" && <Moment quiet label={t("t_timeDate")} value={value} onChange={onChange} />}
      {kind === "timeCycle" && <Again cycle={readCycle(value) ?? DAILY} onChange={(cycle) => onChange(writeCycle(cycle))} />}
      <button type="button" class="link small" onClick={() => showText(true)}>{t("asText")}</button>
    </>
  );
}

/** A moment, picked by the clock on the reader's wall. */
function Moment({ label, quiet, value, onChange, hint, mayBeNone }: Said & { label: string; quiet?: boolean; hint?: string; mayBeNone?: boolean }) {
  const zone = t("yourZone", { zone: Intl.DateTimeFormat().resolvedOptions().timeZone });
  return (
    <Text label={label} quiet={quiet} kind="datetime-local" value={value} onChange={onChange} hint={hint ? `${zone} ${hint}` : zone}
      shown={(moment) => localOf(moment) ?? ""} read={(text) => (text || !mayBeNone ? momentOf(text) : "")} wrong={(text) => (momentOf(text) ? "" : t("badMoment"))} />
  );
}

const DAILY: Every = { kind: "every", every: "P1D", times: null, start: "" };
const MORNINGS: Fixed = { kind: "fixed", weekdays: [], dayOfMonth: null, time: "09:00" };

function Again({ cycle, onChange }: { cycle: Cycle; onChange: (cycle: Cycle) => void }) {
  return (
    <>
      <Choice quiet label={t("rhythm")} value={cycle.kind} options={[["every", t("r_every")], ["fixed", t("r_fixed")]]} onChange={(kind) => onChange(kind === "every" ? DAILY : MORNINGS)} />
      {cycle.kind === "every" ? <Interval cycle={cycle} onChange={onChange} /> : <Calendar cycle={cycle} onChange={onChange} />}
    </>
  );
}

/** "Every 1 day, 5 times, the first at …". */
function Interval({ cycle, onChange }: { cycle: Every; onChange: (cycle: Cycle) => void }) {
  const wrong = (text: string) => (/^\d{1,9}$/.test(text.trim()) && Number(text) > 0 ? "" : t("badTimes"));
  return (
    <>
      <Limit label={t("every")} value={cycle.every} onChange={(every) => every && onChange({ ...cycle, every })} />
      <Text label={t("times")} placeholder={t("endless")} value={String(cycle.times ?? "")} wrong={wrong}
        read={(text) => (text.trim() && wrong(text) ? null : text.trim() && String(Number(text)))} onChange={(times) => onChange({ ...cycle, times: times ? Number(times) : null })} />
      <Moment mayBeNone label={t("firstAt")} hint={cycle.start ? undefined : t("firstHint")} value={cycle.start} onChange={(start) => onChange({ ...cycle, start })} />
    </>
  );
}

/** A time of UTC by the clock on the reader's wall. */
function hereToday(time: string): string {
  const today = new Date().toISOString().slice(0, 10);
  return new Intl.DateTimeFormat(language.value, { timeStyle: "short" }).format(new Date(`${today}T${time}:00Z`));
}

const WEEK = [1, 2, 3, 4, 5, 6, 7];
const weekdayName = (day: number): string => new Intl.DateTimeFormat(language.value, { weekday: "short", timeZone: "UTC" }).format(Date.UTC(2024, 0, day)); // that year began with a Monday

/** "Every Monday at 9:00". */
function Calendar({ cycle, onChange }: { cycle: Fixed; onChange: (cycle: Cycle) => void }) {
  const days = cycle.dayOfMonth ? "month" : cycle.weekdays.length ? "week" : "day";
  const turn = (day: number) => {
    const left = cycle.weekdays.includes(day) ? cycle.weekdays.filter((each) => each !== day) : [...cycle.weekdays, day];
    if (left.length) onChange({ ...cycle, weekdays: left });
  };
  const wrong = (text: string) => (/^([1-9]|[12]\d|3[01])$/.test(text.trim()) ? "" : t("badDayOfMonth"));
  return (
    <>
      <Choice quiet label={t("onDays")} value={days} options={[["day", t("d_day")], ["week", t("d_week")], ["month", t("d_month")]]}
        onChange={(chosen) => onChange({ ...cycle, weekdays: chosen === "week" ? [1] : [], dayOfMonth: chosen === "month" ? 1 : null })} />
      {days === "week" && (
        <fieldset class="weekdays">
          <legend class="hidden">{t("d_week")}</legend>
          {WEEK.map((day) => {
            const isOn = cycle.weekdays.includes(day);
            // a week without a day would be every day: the last one stays
            return <label key={day} class={isOn ? "on" : ""}><input type="checkbox" class="hidden" checked={isOn} disabled={isOn && cycle.weekdays.length === 1} onChange={() => turn(day)} />{weekdayName(day)}</label>;
          })}
        </fieldset>
      )}
      {days === "month" && <Text label={t("dayOfMonth")} value={String(cycle.dayOfMonth)} wrong={wrong} read={(text) => (wrong(text) ? null : text.trim())} onChange={(day) => onChange({ ...cycle, dayOfMonth: Number(day) })} />}
      <Text label={t("atTime")} kind="time" value={cycle.time} hint={t("utcHint", { time: hereToday(cycle.time) })} read={(text) => (/^\d\d:\d\d/.test(text) ? text.slice(0, 5) : null)} onChange={(time) => onChange({ ...cycle, time })} />
    </>
  );
}
