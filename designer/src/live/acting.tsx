/** The parties of a trial: one click opens the view of each, here or on a phone. */
import { useState } from "preact/hooks";
import { Button, Dialog, Icon, tell } from "../shell/ui";
import { colon, room } from "../shell/words";
import { type Guest, type InFull, type Member, type Who, wayIn } from "./trials";

const t = room({
  en: {
    lead: "Open the view of each party in a tab of its own: what you do there moves the tokens here.", act: "Act as", begin: "Begin", phone: "On a phone", tasks: "{n} task waits || {n} tasks wait", standIn: "made up for this trial",
    guests: "Invited by e-mail", open: "Open the link", anybody: "without a team", phoneTitle: "{name}, on a phone", phoneLead: "Point the camera of a phone at it. The address lets one phone in, for a quarter of an hour.", where: "The phone must reach this server:", only: "No phone can: this address means the machine itself. Whoever runs the server sets PASSERELLE_URL to an address that others reach.", host: "team", partner: "partner", customer: "customer",
  },
  fr: {
    lead: "Ouvrez la vue de chaque partie dans un onglet : ce que vous y faites déplace les jetons ici.", act: "Agir comme", begin: "Commencer", phone: "Sur un téléphone", tasks: "{n} tâche attend || {n} tâches attendent", standIn: "inventé pour cet essai",
    guests: "Invités par e-mail", open: "Ouvrir le lien", anybody: "sans équipe", phoneTitle: "{name}, sur un téléphone", phoneLead: "Visez avec l'appareil photo d'un téléphone. L'adresse laisse entrer un téléphone, pendant un quart d'heure.", where: "Le téléphone doit atteindre ce serveur :", only: "Aucun téléphone ne le peut : cette adresse désigne la machine elle-même. Qui gère le serveur règle PASSERELLE_URL sur une adresse que d'autres atteignent.", host: "équipe", partner: "partenaire", customer: "client",
  },
});

interface Props { trial: InFull }
interface OnPhone { name: string; url: string; qrCode: string }

export function Cast({ trial }: Props) {
  const [phone, show] = useState<OnPhone | null>(null);
  const open = async (who: Who): Promise<void> => {
    // opened before the answer is there: browsers allow a tab only at the click itself
    const tab = window.open("about:blank", "_blank");
    try {
      const { url } = await wayIn(trial.trialKey, who);
      if (tab) tab.location.href = new URL(url, location.href).href;
      else location.assign(url);
    } catch (error) {
      tab?.close();
      tell(error instanceof Error ? error.message : String(error), true);
    }
  };
  const onPhone = async (who: Who, name: string): Promise<void> => {
    try {
      const { url, qrCode } = await wayIn(trial.trialKey, who, true);
      show({ name, url, qrCode: qrCode! });
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error), true);
    }
  };
  const starts = (member: Member) => trial.processes.filter((one) => one.starter && one.starter === member.kind);
  return (
    <>
      <p class="small">{t("lead")}</p>
      <ul class="live-list">{trial.cast.map((one: Member) => (
        <li key={one.username}>
          <div class="live-row"><span><strong>{one.name}</strong> <span class={`tag kind ${one.kind}`}>{t(one.kind)}</span></span>{one.openTasks > 0 && <span class="tag info">{t("tasks", { n: one.openTasks })}</span>}</div>
          <p class="small">{[one.side || t("anybody"), one.partyName && one.partyName !== one.name ? one.partyName : "", one.isStandIn ? t("standIn") : ""].filter(Boolean).join(" · ")}</p>
          <p class="live-wrap">
              <Button class="small-button" kind={one.openTasks ? "primary" : undefined} onClick={() => void open({ username: one.username })} aria-label={`${t("act")} ${one.name}`}>{t("act")}</Button>
              {starts(one).slice(0, 3).map((process) => <Button key={process.processDefinitionId} class="small-button" icon="play" onClick={() => void open({ username: one.username, processDefinitionId: process.processDefinitionId })}>{t("begin")}{colon()}{process.name ?? process.processDefinitionId}</Button>)}
            <Button class="small-button" kind="plain" onClick={() => void onPhone({ username: one.username }, one.name)} aria-label={`${t("phone")}${colon()}${one.name}`}>{t("phone")}</Button>
          </p>
        </li>
      ))}</ul>
      {trial.guests.length > 0 && <h2>{t("guests")}</h2>}
      <ul class="live-list">{trial.guests.map((one: Guest) => (
        <li key={one.linkKey}>
          <strong>{one.name}</strong>
          <p class="small">{[one.side, one.partyName !== one.name ? one.partyName : "", one.address].filter(Boolean).join(" · ")}</p>
          <p class="live-wrap"><Button class="small-button" kind="primary" onClick={() => void open({ linkKey: one.linkKey })} aria-label={`${t("open")}${colon()}${one.name}`}>{t("open")}</Button><Button class="small-button" kind="plain" onClick={() => void onPhone({ linkKey: one.linkKey }, one.name)} aria-label={`${t("phone")}${colon()}${one.name}`}>{t("phone")}</Button></p>
        </li>
      ))}</ul>
      {phone && (
        <Dialog title={t("phoneTitle", { name: phone.name })} onClose={() => show(null)}>
          <div class="live-qr"><p>{t("phoneLead")}</p><img alt={phone.url} src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(phone.qrCode)}`} /><p class="small">{t("where")} <code>{new URL(phone.url).origin}</code></p>{isOnlyHere(phone.url) && <p class="live-hint" role="note">{t("only")}</p>}</div>
        </Dialog>
      )}
    </>
  );
}

const isOnlyHere = (url: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);

export function Mails({ trial }: Props) {
  const t2 = mailWords;
  if (!trial.mails.length) return <p class="empty">{t2("none")}</p>;
  return (
    <>
      <p class="small">{t2("lead")}</p>
      <ul class="live-list">{trial.mails.map((one) => (
        <li key={one.notificationKey}>
          <details>
            <summary><strong>{one.subject ?? t2("useless")}</strong><span class="small"> {t2("to", { who: one.toName ?? one.toAddress, address: one.toAddress })}</span></summary>
            {one.text && <pre class="live-mail">{one.text}</pre>}
            {one.text && <p><a class="button small-button" href={one.url} target="_blank" rel="noreferrer"><Icon name="file" /> {t2("looks")}</a></p>}
          </details>
        </li>
      ))}</ul>
    </>
  );
}

const mailWords = room({
  en: { none: "No mail yet. What a real installation would send is shown here, and leaves nothing.", lead: "Shown here only: nothing leaves this trial. The links in them work.", to: "to {who}, {address}", looks: "As it looks", useless: "No longer of use" },
  fr: { none: "Aucun message. Ce qu'une vraie installation enverrait s'affiche ici, et rien ne part.", lead: "Montrés ici seulement : rien ne sort de cet essai. Leurs liens fonctionnent.", to: "à {who}, {address}", looks: "Aperçu", useless: "N'a plus lieu d'être" },
});
