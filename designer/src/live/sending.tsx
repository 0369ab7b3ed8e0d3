/** In a trial: what comes from outside the model, a message or a signal, sent by hand. */
import { useState } from "preact/hooks";
import { Problem, Written, post } from "../shell/api";
import { Dialog, tell } from "../shell/ui";
import { room } from "../shell/words";

const t = room({
  en: { message: "Send “{name}”", signal: "Broadcast “{name}”", key: "Correlation key", values: "What it brings: variables (JSON)", send: "Send", notJson: "This is not JSON: {why}", sent: "“{name}” was sent." },
  fr: { message: "Envoyer « {name} »", signal: "Diffuser « {name} »", key: "Clé de corrélation", values: "Ce qu'il apporte : variables (JSON)", send: "Envoyer", notJson: "Ce n'est pas du JSON : {why}", sent: "« {name} » est envoyé." },
});

export interface Sent { kind: "message" | "signal"; name: string; correlationKey: string }

export default function SendDialog({ base, kind, name, correlationKey, onClose, onSent }: Sent & { base: string; onClose: () => void; onSent: () => void }) {
  const [called, setKey] = useState(correlationKey);
  const [json, setJson] = useState("{}");
  const [problem, complain] = useState("");
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      JSON.parse(json);
    } catch (error) {
      return complain(t("notJson", { why: (error as Error).message }));
    }
    try {
      const said = kind === "message" ? { name, correlationKey: called, timeToLive: 0 } : { signalName: name };
      await post(`${base}/v2/${kind === "message" ? "messages/publication" : "signals/broadcast"}`, new Written(`{"variables":${json},${JSON.stringify(said).slice(1)}`));
      tell(t("sent", { name }));
      onSent();
    } catch (error) {
      complain(error instanceof Problem ? error.detail : String(error));
    }
  };
  return (
    <Dialog title={t(kind, { name })} onClose={onClose}>
      <form onSubmit={(event) => void send(event)}>
        {kind === "message" && <label class="field"><span class="label">{t("key")}</span><input value={called} onInput={(event) => setKey(event.currentTarget.value)} /></label>}
        <label class="field"><span class="label">{t("values")}</span><textarea class="live-json" value={json} spellcheck={false} onInput={(event) => setJson(event.currentTarget.value)} />{problem && <span class="wrong" role="alert">{problem}</span>}</label>
        <p class="actions"><button class="button primary">{t("send")}</button></p>
      </form>
    </Dialog>
  );
}
