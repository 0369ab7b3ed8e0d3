/** What Passerelle makes of files that were dropped: readable by whoever drew them, and printable. Nothing is stored. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { kept, report } from "../drafts/dropped";
import { Report } from "../drafts/report";
import { has } from "../shell/session";
import { useTitle } from "../shell/title";
import { Button, tell } from "../shell/ui";
import { room } from "../shell/words";
import "../drafts/drafts.css";

const t = room({
  en: { back: "All processes", draft: "Back to the draft", keep: "Keep as draft", print: "Print" },
  fr: { back: "Tous les processus", draft: "Retour au brouillon", keep: "Garder comme brouillon", print: "Imprimer" },
});

export default function ReportPage() {
  const [, go] = useLocation();
  const busy = useSignal(false);
  const found = report.value;
  useTitle(found?.files[0]?.name);
  useEffect(() => {
    if (!found) go("/", { replace: true });
  }, [found]);
  if (!found) return null;
  const keep = async (): Promise<void> => {
    busy.value = true;
    try {
      go(`/drafts/${await kept(found.files)}`);
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error), true);
    } finally {
      busy.value = false;
    }
  };
  return (
    <div class="page report-page">
      <div class="title-bar no-print">
        {found.draftKey ? <Link href={`/drafts/${found.draftKey}`}>← {t("draft")}</Link> : <Link href="/">← {t("back")}</Link>}
        <span class="grow" />
        <Button onClick={() => print()}>{t("print")}</Button>
        {!found.draftKey && has("admin", "modeller") && <Button kind="primary" disabled={busy.value} onClick={() => void keep()}>{t("keep")}</Button>}
      </div>
      {found.files.filter((one) => one.name.endsWith(".bpmn")).map((one) => <Report key={one.name} file={one} checked={found.checked} />)}
      {found.files.filter((one) => !one.name.endsWith(".bpmn")).map((one) => <Report key={one.name} file={one} checked={found.checked} />)}
    </div>
  );
}
