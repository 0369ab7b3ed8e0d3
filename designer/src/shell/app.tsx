/** The frame of every page, and which page an address shows. Pages are loaded when they are first opened. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Link, Redirect, Route, Router, Switch, useLocation } from "wouter-preact";
import { Icon, Notices } from "./ui";
import { session } from "./session";
import { room } from "./words";

const t = room({
  en: { skip: "Skip to content", processes: "Processes", instances: "Instances", trials: "Trials", nav: "Workbench", portal: "My tasks", missing: "There is no such page.", loading: "Loading…", back: "All processes", broken: "This page could not be loaded. Check the connection and load it again." },
  fr: { skip: "Aller au contenu", processes: "Processus", instances: "Instances", trials: "Essais", nav: "Atelier", portal: "Mes tâches", missing: "Cette page n'existe pas.", loading: "Chargement…", back: "Tous les processus", broken: "Cette page n'a pas pu être chargée. Vérifiez la connexion et rechargez-la." },
});

type Page = ComponentType<{ params: Record<string, string | undefined> }>;
type Load = () => Promise<{ default: Page }>;

const PAGES: [path: string, load: Load][] = [
  ["/", () => import("../pages/processes")],
  ["/instances", () => import("../pages/instances")],
  ["/instances/:key", () => import("../pages/instance")],
  ["/trials", () => import("../pages/trials")],
  ["/trials/:key", () => import("../pages/trial")],
  ["/report", () => import("../pages/report")],
  ["/drafts/:key", () => import("../pages/draft")],
  ["/versions/:key", () => import("../pages/versions")],
];

export function App() {
  return (
    <Router base="/workbench">
      <a class="skip" href="#content">{t("skip")}</a>
      <Frame />
      <Notices />
    </Router>
  );
}

function Frame() {
  return (
    <>
      <header class="top">
        <Link class="brand" href="/"><Icon name="bridge" /><span>Passerelle</span></Link>
        <nav aria-label={t("nav")}>
          <Tab href="/" label={t("processes")} />
          <Tab href="/instances" label={t("instances")} />
          <Tab href="/trials" label={t("trials")} />
        </nav>
        <a class="to-portal" href="/">{t("portal")}</a>
        <span class="who" title={session().username}>{session().name}</span>
      </header>
      <main id="content" tabIndex={-1}>
        <Switch>
          {PAGES.map(([path, load]) => (
            <Route path={path} key={path}>{(params) => <Lazy load={load} params={params as Record<string, string | undefined>} />}</Route>
          ))}
          <Route path="/draw"><Redirect to="/" replace /></Route>
          <Route><p class="empty">{t("missing")} <Link href="/">{t("back")}</Link></p></Route>
        </Switch>
      </main>
    </>
  );
}

function Tab({ href, label }: { href: string; label: string }) {
  const [here] = useLocation();
  const current = href === "/" ? here === "/" : here.startsWith(href);
  return <Link href={href} aria-current={current ? "page" : undefined}>{label}</Link>;
}

const loaded = new Map<Load, Page>();

function Lazy({ load, params }: { load: Load; params: Record<string, string | undefined> }) {
  const [state, set] = useState<"loading" | "ready" | "broken">(loaded.has(load) ? "ready" : "loading");
  useEffect(() => {
    if (loaded.has(load)) return set("ready");
    set("loading");
    load().then(
      (module) => {
        loaded.set(load, module.default);
        set("ready");
      },
      () => set("broken"),
    );
  }, [load]);
  const Page = loaded.get(load);
  if (Page) return <Page params={params} />;
  return <p class="empty" role="status">{state === "broken" ? t("broken") : t("loading")}</p>;
}
