/** Processes to begin with: pools of two or three parties, with contracts and forms. Loaded when somebody asks. */
import { room } from "../shell/words";
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
  return Promise.all(own.map(async ([path, load]) => ({ name: path.split("/").pop()!, content: await load() })));
}
