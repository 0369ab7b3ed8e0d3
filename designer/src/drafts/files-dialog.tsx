/** The files of a draft: take one out, or take one home. */
import { Button, Dialog } from "../shell/ui";
import { room } from "../shell/words";
import { drop, type Draft } from "./store";

const t = room({
  en: { title: "Files", size: "{n} kB", download: "Download", remove: "Remove", close: "Close" },
  fr: { title: "Fichiers", size: "{n} ko", download: "Télécharger", remove: "Retirer", close: "Fermer" },
});

export function FilesDialog({ draft, editable, onClose }: { draft: Draft; editable: boolean; onClose: () => void }) {
  const save = (name: string, content: string): void => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type: "text/plain" }));
    link.download = name.split("/").pop()!;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };
  return (
    <Dialog title={t("title")} wide onClose={onClose}>
      <div>
        <table>
          <tbody>
            {draft.files.value.map((one) => (
              <tr key={one.name}>
                <td><code>{one.name}</code></td>
                <td class="number small">{t("size", { n: Math.max(1, Math.round(one.content.length / 1024)) })}</td>
                <td class="number"><Button onClick={() => save(one.name, one.content)}>{t("download")}</Button> {editable && <Button kind="danger" onClick={() => drop(draft, one.name)}>{t("remove")}</Button>}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <div class="actions spaced"><Button onClick={onClose}>{t("close")}</Button></div>
      </div>
    </Dialog>
  );
}
