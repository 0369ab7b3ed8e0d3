/** Processes to begin with: pools of two or three parties, with contracts and forms. Loaded when somebody asks. */
import { typeset } from "../shell/typography";
import { language, room } from "../shell/words";
import { free, slug } from "./files";
import type { DraftFile } from "./store";

const t = room({
  en: {
    order: "Order from a partner", orderAbout: "Your company orders, a partner accepts in time and reports back.",
    request: "Request of a customer", requestAbout: "A customer asks from a public form; two teams answer within agreed times.",
    service: "Service call with a partner", serviceAbout: "Customer, company and service partner: three parties, one case.",
    empty: "Empty process", emptyAbout: "One pool, one start.",
  },
  fr: {
    order: "Commande à un partenaire", orderAbout: "Votre société commande, un partenaire accepte à temps et rend compte.",
    request: "Demande d'un client", requestAbout: "Un client demande par un formulaire public ; deux équipes répondent dans les délais convenus.",
    service: "Dépannage avec un partenaire", serviceAbout: "Client, société et partenaire : trois parties, un seul dossier.",
    empty: "Processus vide", emptyAbout: "Un bassin, un début.",
  },
});

export interface Template {
  id: string;
  title: string;
  about: string;
  parties: number;
}

const sources = import.meta.glob<string>("./templates/**/*.{bpmn,form}", { query: "?raw", import: "default" });

export const templates = (): Template[] => [
  { id: "order-to-a-partner", title: t("order"), about: t("orderAbout"), parties: 2 },
  { id: "request-of-a-customer", title: t("request"), about: t("requestAbout"), parties: 2 },
  { id: "service-call", title: t("service"), about: t("serviceAbout"), parties: 3 },
  { id: "empty", title: t("empty"), about: t("emptyAbout"), parties: 1 },
];

export async function filesOf(id: string): Promise<DraftFile[]> {
  const own = Object.entries(sources).filter(([path]) => path.startsWith(`./templates/${id}/`));
  const words = language.value === "fr" ? (await import("./templates/french")).french : {};
  return Promise.all(own.map(async ([path, load]) => ({ name: path.split("/").pop()!, content: language.value === "fr" ? inWords(await load(), words) : await load() })));
}

/** What people read in a file: names of elements, labels and texts of questions. */
export const READ = /(?<= (?:name|label)="|"(?:label|text|dateLabel|timeLabel)": ")[^"]+(?=")/g;

const LABEL = /(<bpmndi:BPMNLabel>\s*<dc:Bounds x=")([\d.]+)(" y="[\d.]+" width=")([\d.]+)/g;
const WIDE = 54; // a French word on one line

const inWords = (content: string, words: Record<string, string>): string =>
  content
    .replace(READ, (one) => (one in words ? typeset(words[one]!) : one))
    .replace(LABEL, (whole, before: string, x: string, between: string, width: string) => (Number(width) < WIDE ? `${before}${Number(x) - (WIDE - Number(width)) / 2}${between}${WIDE}` : whole));

/** The files under a name of their own: process and form ids are made from it, so that deploying them replaces nothing that is there. */
export function named(files: DraftFile[], name: string, taken: Iterable<string>): DraftFile[] {
  const models = files.filter((one) => one.name.endsWith(".bpmn"));
  const processes = models.flatMap((one) => [...one.content.matchAll(/<bpmn:process id="([^"]+)"/g)].map((found) => found[1]!));
  const forms = files.filter((one) => one.name.endsWith(".form")).map((one) => one.name.replace(/\.form$/, ""));
  const main = processes[0] ?? "process";
  const own = free(slug(name), taken);
  const ids = new Map([...processes, ...forms].map((id) => [id, id === main ? own : `${own}-${rest(id, main)}`]));
  const of = (id: string): string => ids.get(id) ?? id;
  return files.map((one) => one.name.endsWith(".form")
    ? { name: `${of(one.name.replace(/\.form$/, ""))}.form`, content: one.content.replace(/("id":\s*")([^"]+)"/g, (whole, before: string, id: string) => (ids.has(id) ? `${before}${of(id)}"` : whole)) }
    : {
        name: `${own}.bpmn`,
        content: one.content
          .replace(/(<bpmn:process id="|processRef="|formId=")([^"]+)"/g, (_, before: string, id: string) => `${before}${of(id)}"`)
          .replace(new RegExp(`(<bpmn:process id="${own}" name=")[^"]*"`), (_, before: string) => `${before}${escaped(name)}"`),
      });
}

const rest = (id: string, main: string): string => (id.startsWith(`${main}_`) ? id.slice(main.length + 1) : id.replace(/^[a-z]+[-_]/, "")).replace(/_/g, "-");
const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;").replace(/\s+/g, " ");
