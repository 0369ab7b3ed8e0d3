/** Models to begin with: one team, or two or three parties with what crosses between them. */
import { room } from "../shell/words";

const t = room({
  en: { company: "Our company", team: "Our team", customer: "Customer", partner: "Partner", ask: "Request", asked: "Request received", work: "Work on it", answer: "Answer sent", answered: "Answer received", order: "Order sent", ordered: "Order received", supply: "Do the order", supplied: "Result sent", result: "Result received", requestFlow: "Request", answerFlow: "Answer", orderFlow: "Order", resultFlow: "Result", end: "Done", start: "Begin" },
  fr: { company: "Notre entreprise", team: "Notre équipe", customer: "Client", partner: "Partenaire", ask: "Demande", asked: "Demande reçue", work: "La traiter", answer: "Réponse envoyée", answered: "Réponse reçue", order: "Commande envoyée", ordered: "Commande reçue", supply: "Exécuter la commande", supplied: "Résultat envoyé", result: "Résultat reçu", requestFlow: "Demande", answerFlow: "Réponse", orderFlow: "Commande", resultFlow: "Résultat", end: "Fini", start: "Début" },
});

interface Node { id: string; tag: string; name: string; x: number; message?: string; wide?: boolean }
interface Pool { id: string; name: string; kind: string; y: number; nodes: Node[]; publicStart?: boolean }
interface Link { id: string; name: string; from: string; to: string; limits: string }

const WIDTH = 880;
const HEIGHT = 160;
const MESSAGES = [["Request", "requestFlow"], ["Answer", "answerFlow"], ["Order", "orderFlow"], ["Result", "resultFlow"]] as const;

/** A file for one, two or three pools; it can be deployed as it is. */
export function template(pools: 1 | 2 | 3): string {
  const unique = Math.random().toString(36).slice(2, 9); // two models from one template are two processes
  if (pools === 1) return written([{ id: "team", name: t("team"), kind: "host", y: 80, nodes: [node("begin", "startEvent", "start", 160), task("work", "work", 280), node("done", "endEvent", "end", 460)] }], [], unique);
  const customer: Pool = {
    id: "customer", name: t("customer"), kind: "customer", y: 80, publicStart: true,
    nodes: [node("asks", "startEvent", "ask", 160), throwing("requestSent", "ask", 260, "Request"), catching("answerArrived", "answered", 820, "Answer"), node("customerDone", "endEvent", "end", 920)],
  };
  const host: Pool = {
    id: "company", name: t("company"), kind: "host", y: 300,
    nodes: [starting("requestArrived", "asked", 260, "Request"), task("handle", "work", 340),
      ...(pools === 3 ? [throwing("orderSent", "order", 520, "Order"), catching("resultArrived", "result", 680, "Result")] : []),
      ending("answerSent", "answer", 820, "Answer")],
  };
  const partner: Pool = {
    id: "partner", name: t("partner"), kind: "partner", y: 520,
    nodes: [starting("orderArrived", "ordered", 440, "Order"), task("supply", "supply", 520), ending("resultSent", "supplied", 680, "Result")],
  };
  const links: Link[] = [
    { id: "requestFlow", name: t("requestFlow"), from: "requestSent", to: "requestArrived", limits: 'acceptWithin="PT8H" completeWithin="P2D" calendar="working"' },
    { id: "answerFlow", name: t("answerFlow"), from: "answerSent", to: "answerArrived", limits: 'acceptWithin="P7D"' },
    { id: "orderFlow", name: t("orderFlow"), from: "orderSent", to: "orderArrived", limits: 'acceptWithin="PT8H" completeWithin="P2D" calendar="working"' },
    { id: "resultFlow", name: t("resultFlow"), from: "resultSent", to: "resultArrived", limits: 'acceptWithin="PT8H" calendar="working"' },
  ];
  return pools === 2 ? written([customer, host], links.slice(0, 2), unique) : written([customer, host, partner], links, unique);
}

type Word = Parameters<typeof t>[0];
const node = (id: string, tag: string, name: Word, x: number): Node => ({ id, tag, name: t(name), x });
const task = (id: string, name: Word, x: number): Node => ({ ...node(id, "userTask", name, x), wide: true });
const throwing = (id: string, name: Word, x: number, message: string): Node => ({ ...node(id, "intermediateThrowEvent", name, x), message });
const catching = (id: string, name: Word, x: number, message: string): Node => ({ ...node(id, "intermediateCatchEvent", name, x), message });
const starting = (id: string, name: Word, x: number, message: string): Node => ({ ...node(id, "startEvent", name, x), message });
const ending = (id: string, name: Word, x: number, message: string): Node => ({ ...node(id, "endEvent", name, x), message });

function written(pools: Pool[], links: Link[], unique: string): string {
  const nodes = new Map(pools.flatMap((pool) => pool.nodes.map((each) => [each.id, { ...each, y: pool.y + HEIGHT / 2 }] as const)));
  const process = (pool: Pool) => `${pool.id}-${unique}`;
  const flows = (pool: Pool) => pool.nodes.slice(1).map((to, at) => ({ id: `${pool.nodes[at]!.id}_${to.id}`, from: pool.nodes[at]!, to }));
  const messages = MESSAGES.filter(([id]) => [...nodes.values()].some((each) => each.message === id));
  const edge = (id: string, points: [number, number][]) => `      <bpmndi:BPMNEdge id="${id}_di" bpmnElement="${id}">${points.map(([x, y]) => `<di:waypoint x="${x}" y="${y}" />`).join("")}</bpmndi:BPMNEdge>`;
  const shape = (id: string, x: number, y: number, width: number, height: number, more = "") => `      <bpmndi:BPMNShape id="${id}_di" bpmnElement="${id}"${more}><dc:Bounds x="${x}" y="${y}" width="${width}" height="${height}" /></bpmndi:BPMNShape>`;
  const half = (each: Node) => (each.wide ? 50 : 18);
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:handoff="urn:passerelle:handoff:1.0" xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="definitions" targetNamespace="http://bpmn.io/schema/bpmn" modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.9.0">
  <bpmn:collaboration id="collaboration">
${pools.map((pool) => `    <bpmn:participant id="${pool.id}" name="${pool.name}" processRef="${process(pool)}">
      <bpmn:extensionElements><handoff:party kind="${pool.kind}"${pool.publicStart ? ' publicStart="true"' : ""} /></bpmn:extensionElements>
    </bpmn:participant>`).join("\n")}
${links.map((link) => `    <bpmn:messageFlow id="${link.id}" name="${link.name}" sourceRef="${link.from}" targetRef="${link.to}">
      <bpmn:extensionElements><handoff:contract ${link.limits} /></bpmn:extensionElements>
    </bpmn:messageFlow>`).join("\n")}
  </bpmn:collaboration>
${pools.map((pool) => `  <bpmn:process id="${process(pool)}" name="${pool.name}" isExecutable="true">
${pool.nodes.map((each) => `    <bpmn:${each.tag} id="${each.id}" name="${each.name}">
${each.tag === "userTask" ? "      <bpmn:extensionElements><zeebe:userTask /></bpmn:extensionElements>\n" : ""}${flows(pool).filter((flow) => flow.to === each).map((flow) => `      <bpmn:incoming>${flow.id}</bpmn:incoming>\n`).join("")}${flows(pool).filter((flow) => flow.from === each).map((flow) => `      <bpmn:outgoing>${flow.id}</bpmn:outgoing>\n`).join("")}${each.message ? `      <bpmn:messageEventDefinition id="${each.id}_message" messageRef="${each.message}" />\n` : ""}    </bpmn:${each.tag}>`).join("\n")}
${flows(pool).map((flow) => `    <bpmn:sequenceFlow id="${flow.id}" sourceRef="${flow.from.id}" targetRef="${flow.to.id}" />`).join("\n")}
  </bpmn:process>`).join("\n")}
${messages.map(([id, name]) => `  <bpmn:message id="${id}" name="${t(name)}" />`).join("\n")}
  <bpmndi:BPMNDiagram id="diagram">
    <bpmndi:BPMNPlane id="plane" bpmnElement="collaboration">
${pools.map((pool) => shape(pool.id, 80, pool.y, WIDTH + 60, HEIGHT, ' isHorizontal="true"')).join("\n")}
${[...nodes.values()].map((each) => shape(each.id, each.x, each.y - (each.wide ? 40 : 18), half(each) * 2, each.wide ? 80 : 36)).join("\n")}
${pools.flatMap(flows).map((flow) => edge(flow.id, [[flow.from.x + half(flow.from) * 2, nodes.get(flow.from.id)!.y], [flow.to.x, nodes.get(flow.to.id)!.y]])).join("\n")}
${links.map((link) => {
    const [from, to] = [nodes.get(link.from)!, nodes.get(link.to)!];
    const down = to.y > from.y ? 18 : -18;
    const [x, end] = [from.x + half(from), to.x + half(to)];
    const middle = (from.y + to.y) / 2;
    return edge(link.id, x === end ? [[x, from.y + down], [end, to.y - down]] : [[x, from.y + down], [x, middle], [end, middle], [end, to.y - down]]);
  }).join("\n")}
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
`;
}
