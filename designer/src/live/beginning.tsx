/** Begins a case of a trial: with values of one's own, as whoever one chooses; or by the message or signal that a process waits for. */
import { useState } from "preact/hooks";
import { Problem, Written, post } from "../shell/api";
import { Dialog, tell } from "../shell/ui";
import { room } from "../shell/words";
import { type InFull, at } from "./trials";

const t = room({
  en: { beginTitle: "Begin with values", process: "Process", as: "As", you: "you, without a form", values: "Variables (JSON)", start: "Begin", notJson: "This is not JSON: {why}", byMessage: "by message “{name}”", bySignal: "by signal “{name}”", key: "Correlation key", came: "“{name}” was sent; what it began stands under Case.", none: "No process of this trial can be begun by hand: each waits for its time. Move the time." },
  fr: { beginTitle: "Commencer avec des valeurs", process: "Processus", as: "Comme", you: "vous, sans formulaire", values: "Variables (JSON)", start: "Commencer", notJson: "Ce n'est pas du JSON : {why}", byMessage: "par le message « {name} »", bySignal: "par le signal « {name} »", key: "Clé de corrélation", came: "« {name} » est envoyé ; ce qu'il a commencé est sous Dossier.", none: "Aucun processus de cet essai ne se commence à la main : chacun attend son heure. Avancez l'heure." },
});

type Way = { kind: "hand" | "message" | "signal"; name: string; called: string };
export default function Begin({ trial, onClose, onBegun }: { trial: InFull; onClose: () => void; onBegun: (caseKey: string | null) => void }) {
  const ways = trial.processes.flatMap((one): Way[] => {
    const called = one.name ?? one.processDefinitionId;
    const from = (kind: "message" | "signal", name: string): Way => ({ kind, name, called: `${called}: ${t(kind === "message" ? "byMessage" : "bySignal", { name })}` });
    return [...(one.starter ? [{ kind: "hand" as const, name: one.processDefinitionId, called }] : []), ...one.messages.map((name) => from("message", name)), ...one.signals.map((name) => from("signal", name))];
  });
  const [chosen, setChosen] = useState(0);
  const way = ways[chosen];
  const [key, setKey] = useState("");
  const [who, setWho] = useState("");
  const [json, setJson] = useState("{}");
  const [problem, complain] = useState("");
  const [busy, setBusy] = useState(false);
  const begin = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      JSON.parse(json);
    } catch (error) {
      return complain(t("notJson", { why: (error as Error).message }));
    }
    if (!way) return;
    setBusy(true);
    try {
      if (way.kind !== "hand") {
        const sent = way.kind === "message" ? { name: way.name, correlationKey: key, timeToLive: 0 } : { signalName: way.name };
        await post(`${trial.base}/v2/${way.kind === "message" ? "messages/publication" : "signals/broadcast"}`, new Written(`{"variables":${json},${JSON.stringify(sent).slice(1)}`));
        tell(t("came", { name: way.name }));
        return onBegun(null);
      }
      const rest = JSON.stringify({ processDefinitionId: way.name, ...(who ? { username: who } : {}) }).slice(1);
      const { caseKey } = await post<{ caseKey: string }>(at(trial.trialKey, "cases"), new Written(`{"variables":${json},${rest}`));
      onBegun(caseKey);
    } catch (error) {
      complain(error instanceof Problem ? error.detail : String(error));
      setBusy(false);
    }
  };
  if (!way) return <Dialog title={t("beginTitle")} onClose={onClose}><p>{t("none")}</p></Dialog>;
  return (
    <Dialog title={t("beginTitle")} onClose={onClose}>
      <form onSubmit={(event) => void begin(event)}>
        {ways.length > 1 && <label class="field"><span class="label">{t("process")}</span><select value={chosen} onChange={(event) => setChosen(Number(event.currentTarget.value))}>{ways.map((one, n) => <option key={n} value={n} selected={n === chosen}>{one.called}</option>)}</select></label>}
        {way.kind === "message" && <label class="field"><span class="label">{t("key")}</span><input value={key} onInput={(event) => setKey(event.currentTarget.value)} /></label>}
        {way.kind === "hand" && <label class="field"><span class="label">{t("as")}</span><select value={who} onChange={(event) => setWho(event.currentTarget.value)}><option value="">{t("you")}</option>{trial.cast.map((one) => <option key={one.username} value={one.username}>{one.name}{one.side && one.side !== one.name ? ` · ${one.side}` : ""}</option>)}</select></label>}
        <label class="field"><span class="label">{t("values")}</span><textarea class="live-json" value={json} spellcheck={false} onInput={(event) => setJson(event.currentTarget.value)} />{problem && <span class="wrong" role="alert">{problem}</span>}</label>
        <p class="actions"><button class="button primary" disabled={busy}>{t("start")}</button></p>
      </form>
    </Dialog>
  );
}
