/** Says that the line to the server is lost, and that it is tried again. */
import { Icon } from "../shell/ui";
import { room } from "../shell/words";

const t = room({
  en: { lost: "The connection to the server is lost. What you see may be old; it goes on by itself as soon as the server answers." },
  fr: { lost: "La connexion au serveur est perdue. Ce que vous voyez est peut-être ancien ; cela reprend tout seul dès que le serveur répond." },
});

export function Lost({ isLost }: { isLost: boolean }) {
  return <div role="status">{isLost && <p class="live-lost"><Icon name="warning" /> {t("lost")}</p>}</div>;
}
