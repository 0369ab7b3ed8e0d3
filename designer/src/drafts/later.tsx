/** A part that is loaded when it is first shown. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { room } from "../shell/words";

const t = room({ en: { loading: "Loading…", broken: "This could not be loaded. Check the connection and try again." }, fr: { loading: "Chargement…", broken: "Chargement impossible. Vérifiez la connexion et réessayez." } });

export function Later<Props extends object>({ load, props }: { load: () => Promise<{ default: ComponentType<Props> }>; props: Props }) {
  const [state, set] = useState<{ Part?: ComponentType<Props>; broken?: boolean }>({});
  useEffect(() => {
    let over = false;
    load().then(
      (module) => !over && set({ Part: module.default }),
      () => !over && set({ broken: true }),
    );
    return () => void (over = true);
  }, [load]);
  if (state.Part) return <state.Part {...props} />;
  return <p class="empty" role="status">{t(state.broken ? "broken" : "loading")}</p>;
}
