/** What a save promises: untouched text stays byte for byte, touched text says what the model says, and nothing foreign is lost. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { keeper, keepText } from "../../src/bpmn/keep_text";
import { scan, type Node } from "../../src/bpmn/xml_nodes";
import { EDITS } from "./edits";
import { foreignModels, moddle, ownModels, read, serialise, write, type Model, type Moddle } from "./models";

const small = (models: Model[]): Model[] => models.filter(({ text }) => text.length < 60_000);
const models = [...small(ownModels), ...small(foreignModels.filter((_, i) => i % 4 === 0))];
const anyModel = fc.constantFrom(...models);
const anyEdit = fc.record({ kind: fc.constantFrom(...Object.keys(EDITS)), pick: fc.nat(200) });
const RUNS = { numRuns: 100 };

/** Other tools' habits, put into a model: they change nothing of what it says. */
const HABITS: Record<string, (text: string) => string> = {
  none: (text) => text,
  crlf: (text) => text.replace(/\r?\n/g, "\r\n"),
  bom: (text) => `\uFEFF${text}`,
  tabs: (text) => text.replace(/^ +/gm, (spaces) => "\t".repeat(Math.ceil(spaces.length / 2))),
  oneLine: (text) => text.replace(/>\s+</g, "><"),
  singleQuotes: (text) => text.replace(/ (\w+)="([^"']*)"/g, " $1='$2'"),
  remarks: (text) => tagged(text, (tag, n) => (n % 3 ? tag : `${tag}<!-- remark ${n} <not> a tag -->`)),
  instructions: (text) => tagged(text, (tag, n) => (n % 5 ? tag : `${tag}\n<?note ${n}?>`)),
  lines: (text) => tagged(text, (tag, n) => (n % 2 ? tag : tag.replace(/ (\w+=")/g, "\n      $1"))),
  cdata: (text) => text.replace(/(<(?:\w+:)?(?:documentation|conditionExpression)\b[^>/]*>)([^<&]+)</g, "$1<![CDATA[$2]]><"),
  foreign: (text) => text.replace(/(<(?:\w+:)?extensionElements>)/g, '$1<x:y xmlns:x="urn:x" x:a="1" b=\'2\'>  odd &lt; text <x:z/></x:y>'),
};
const anyHabits = fc.uniqueArray(fc.constantFrom(...Object.keys(HABITS)), { maxLength: 3 });

function tagged(text: string, change: (tag: string, n: number) => string): string {
  let n = 0;
  const from = scan(text).root.openEnd;
  return text.slice(0, from) + text.slice(from).replace(/<!\[CDATA\[[\s\S]*?\]\]>|<!--[\s\S]*?-->|<(?:"[^"]*"|'[^']*'|[^"'>])+>(?=\s*<)/g, (tag) => (tag.startsWith("<!") ? tag : change(tag, n++)));
}

const inHabits = (model: Model, habits: string[]): string => habits.reduce((text, habit) => HABITS[habit]!(text), model.text);

/** The raw text of every element of an id that neither is nor holds a touched one, nor stands in one. */
function untouched(text: string, touched: Set<string>): Map<string, string> {
  const found = new Map<string, string>();
  const holds = (node: Node): boolean => (node.id !== null && touched.has(node.id)) || node.children.some(holds);
  const visit = (node: Node): void => {
    if (node.id !== null && !holds(node)) return void found.set(node.id, text.slice(node.start, node.end));
    node.children.forEach(visit);
  };
  visit(scan(text).root);
  return found;
}

/** Edits that take something away, with the remarks in it. */
const TAKING = ["removeNode", "dropExtensions", "moveWaypoint", "becomeOther"];
const remarksOf = (text: string): string[] => text.match(/<!-- remark[\s\S]*?-->|<\?note.*?\?>/g) ?? [];
/** An element that was filled and emptied again is written short. */
const hollow = (text: string): string => text.replace(/<([\w:]+)([^<>]*[^<>/])?>\s*<\/\1>/g, "<$1$2 />");
const squeezed = (text: string): string => text.replace(/>\s+</g, "><");

async function edited(definitions: Moddle, edits: { kind: string; pick: number }[]): Promise<Set<string>> {
  return new Set(edits.flatMap(({ kind, pick }) => EDITS[kind]!(definitions, pick) ?? []));
}

test("a file that nobody edited is saved byte for byte", async () => {
  for (const model of [...ownModels, ...foreignModels.filter((_, i) => i % 9 === 0)]) {
    const before = await serialise(model.text);

    expect(keepText(model.text, before, before)).toEqual({ text: model.text, kept: true });
    expect(keepText(model.text, before, `${before}\n`).text, model.name).toBe(model.text);
  }
});

test("whatever is edited in whatever file, the saved text reads as the model", async () => {
  await fc.assert(
    fc.asyncProperty(anyModel, anyHabits, fc.array(anyEdit, { minLength: 1, maxLength: 5 }), async (model, habits, edits) => {
      const original = inHabits(model, habits);
      const definitions = await read(original);
      const keep = keeper(original, await serialise(original));
      await edited(definitions, edits);
      const after = await write(definitions);
      const { kept } = await keep.writeSurely(after, serialise);

      expect(kept, `${model.name} ${habits} ${JSON.stringify(edits)}\n${keep.write(after).text}`).toBe(true);
    }),
    RUNS,
  );
}, 120_000);

test("an edit leaves the text of all other elements as it was, with remarks, unknown extensions and order", async () => {
  await fc.assert(
    fc.asyncProperty(anyModel, anyHabits, anyEdit, async (model, habits, edit) => {
      const original = inHabits(model, habits);
      const definitions = await read(original);
      const before = await serialise(original);
      const touched = await edited(definitions, [edit]);
      const { text } = keepText(original, before, await write(definitions));
      const then = untouched(original, touched);
      const now = untouched(text, touched);

      const layout = edit.kind === "intoSubProcess" ? squeezed : (raw: string) => raw;
      for (const [id, raw] of then) if (now.has(id)) expect(layout(now.get(id)!), `${model.name} ${habits} ${JSON.stringify(edit)} ${id}`).toBe(layout(raw));
      if (TAKING.includes(edit.kind)) return;
      expect([...then.keys()].filter((id) => !now.has(id) && !touched.has(id)), `${model.name} ${habits} ${JSON.stringify(edit)}`).toEqual([]);
      expect(remarksOf(text).sort()).toEqual(remarksOf(original).sort());
    }),
    RUNS,
  );
}, 120_000);

test("each save may build on the one before", async () => {
  await fc.assert(
    fc.asyncProperty(anyModel, anyHabits, fc.array(anyEdit, { minLength: 2, maxLength: 5 }), async (model, habits, edits) => {
      let original = inHabits(model, habits);
      const definitions = await read(original);
      let before = await serialise(original);
      for (const edit of edits) {
        await edited(definitions, [edit]);
        const after = await write(definitions);
        const { text, kept } = await keeper(original, before).writeSurely(after, serialise);

        expect(kept, `${model.name} ${habits} ${JSON.stringify(edits)}\n${text}`).toBe(true);
        [original, before] = [text, after];
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);

test("undoing gives back the bytes, also of what was saved in between", async () => {
  const kinds = ["rename", "moveShape", "giveContract", "addTask", "changeLane", "changeExtension"];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...small(ownModels)), fc.constantFrom("none", "crlf", "tabs", "bom", "oneLine"), fc.constantFrom(...kinds), fc.nat(200), async (model, habit, kind, pick) => {
      const original = HABITS[habit]!(model.text);
      const before = await serialise(original);
      const definitions = await read(original);
      await edited(definitions, [{ kind, pick }]);
      const after = await write(definitions);
      const saved = keepText(original, before, after).text;

      expect(keeper(original, before).write(before).text).toBe(original);
      expect(hollow(keepText(saved, after, before).text), `${model.name} ${kind} ${pick}`).toBe(hollow(original));
    }),
    { numRuns: 60 },
  );
}, 120_000);

const BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL";
const ZEEBE = "http://camunda.org/schema/zeebe/1.0";

/** Opens, edits with `change` (ids -> elements) and saves, proven. */
async function saved(original: string, change: (byId: Record<string, Moddle>, definitions: Moddle) => void): Promise<string> {
  const { rootElement: definitions, elementsById } = await moddle().fromXML(original);
  const keep = keeper(original, await serialise(original));
  change(elementsById, definitions);
  const { text, kept } = await keep.writeSurely(await write(definitions), serialise);
  expect(kept).toBe(true);
  return text;
}

function extend(element: Moddle, type: string, values: object): void {
  const { $model } = element;
  element.extensionElements ??= $model.create("bpmn:ExtensionElements", { values: [] });
  element.extensionElements.get("values").push($model.create(type, values));
}

test("a touched attribute keeps its place, its quotes and its line", async () => {
  const original = `<definitions xmlns="${BPMN}"\n             targetNamespace='t'>\n  <process id='P'>\n    <task   name='old'\n            id='T'/>\n  </process>\n</definitions>\n`;

  expect(await saved(original, ({ T }) => (T.name = "it's"))).toBe(original.replace("old", "it&#39;s"));
  expect(await saved(original, ({ T }) => (T.isForCompensation = true))).toBe(original.replace("id='T'", `id='T'\n            isForCompensation="true"`));
  expect(await saved(original, ({ T }) => delete T.name)).toBe(original.replace("   name='old'", ""));
});

test("the file's own prefixes are used, and a new one is declared at the root only when it is needed", async () => {
  const original = `<b:definitions xmlns:b="${BPMN}" targetNamespace="t">\n\t<b:process id="P">\n\t\t<b:task id="T"/>\n\t</b:process>\n</b:definitions>`;
  const text = await saved(original, ({ T }) => extend(T, "zeebe:TaskDefinition", { type: "ship" }));

  expect(text).toBe(
    `<b:definitions xmlns:b="${BPMN}" xmlns:zeebe="${ZEEBE}" targetNamespace="t">\n\t<b:process id="P">\n\t\t<b:task id="T">\n\t\t\t<b:extensionElements>\n` +
      `\t\t\t\t<zeebe:taskDefinition type="ship"/>\n\t\t\t</b:extensionElements>\n\t\t</b:task>\n\t</b:process>\n</b:definitions>`,
  );
  const known = original.replace("xmlns:b=", `xmlns:z="${ZEEBE}" xmlns:b=`);
  expect(await saved(known, ({ T }) => extend(T, "zeebe:TaskDefinition", { type: "ship" }))).toBe(text.replaceAll("zeebe:taskD", "z:taskD").replace(` xmlns:zeebe="${ZEEBE}"`, "").replace("xmlns:b=", `xmlns:z="${ZEEBE}" xmlns:b=`));
});

test("a prefix that means something else in the file is not taken", async () => {
  const original = `<definitions xmlns="${BPMN}" xmlns:zeebe="urn:other" targetNamespace="t">\n  <process id="P">\n    <task id="T" />\n  </process>\n</definitions>`;
  const text = await saved(original, ({ T }) => extend(T, "zeebe:TaskDefinition", { type: "ship" }));

  expect(text).toContain(`xmlns:zeebe_1="${ZEEBE}"`);
  expect(text).toContain(`<zeebe_1:taskDefinition type="ship" />`);
  expect(text).toContain(`xmlns:zeebe="urn:other"`);
});

test("an unedited CDATA section stays one, and an edited one too", async () => {
  const original = `<definitions xmlns="${BPMN}" targetNamespace="t"><process id="P"><documentation><![CDATA[a < b]]></documentation><task id="T"/></process></definitions>`;

  expect(await saved(original, ({ T }) => (T.name = "x"))).toBe(original.replace(`id="T"`, `id="T" name="x"`));
  expect(await saved(original, ({ P }) => (P.documentation[0].text = "c > d"))).toBe(original.replace("a < b", "c > d"));
  expect(await saved(original, ({ P }) => (P.documentation[0].text = "c ]]> d"))).toContain("<documentation>c ]]&gt; d</documentation>");
});

test("what bpmn-moddle drops or normalises is not dropped from the file", async () => {
  const original =
    `<?xml version="1.0"?>\n<!-- before -->\n<!DOCTYPE definitions [ <!ENTITY x "y>z"> ]>\n<definitions xmlns="${BPMN}" xmlns:unused="urn:unused" targetNamespace="t">\n  <process id="P" isClosed="false" processType="None">\n` +
    `    <task id="T" startQuantity="1"><!-- inside -->\n      <outgoing>nowhere</outgoing>\n      <mistake>kept</mistake>\n      <incoming/>\n    </task>\n    <?keep me?>\n  </process>\n</definitions>\n<!-- after -->\n`;

  expect(await saved(original, ({ T }) => (T.name = "x"))).toBe(original.replace(`id="T" startQuantity="1"`, `id="T" startQuantity="1" name="x"`));
});

test("what bpmn-moddle overlooked does not wake up when what hid it is removed", async () => {
  const original = `<definitions xmlns="${BPMN}" targetNamespace="t"><process id="P"><task id="T"><standardLoopCharacteristics id="one"/><multiInstanceLoopCharacteristics id="two"/></task></process></definitions>`;

  expect(await saved(original, ({ T }) => delete T.loopCharacteristics)).toBe(original.replace(/<task.*task>/, `<task id="T"/>`));
});

test("an element that goes takes its line, one that comes is indented as its neighbours, remarks on a line stay with it", async () => {
  const original = `<definitions xmlns="${BPMN}" targetNamespace="t">\r\n   <process id="P">\r\n      <task id="A"/> <!-- first -->\r\n      <task id="B"/>\r\n   </process>\r\n</definitions>`;
  const text = await saved(original, ({ P, A }) => {
    P.flowElements.splice(1, 1);
    P.flowElements.push(A.$model.create("bpmn:Task", { id: "C" }));
  });

  expect(text).toBe(original.replace(`<task id="B"/>`, `<task id="C"/>`));
});

test("an element that goes into a sub-process keeps its text, one step deeper", async () => {
  const original = `<definitions xmlns="${BPMN}" targetNamespace="t">\n  <process id="P">\n    <task id="A">\n      <!-- mine -->\n      <documentation>two\n    lines</documentation>\n    </task>\n    <subProcess id="S">\n      <task id="B" />\n    </subProcess>\n  </process>\n</definitions>`;
  const text = await saved(original, ({ P, S, A }) => {
    P.flowElements.splice(0, 1);
    S.flowElements.push(A);
  });

  expect(text).toContain(`      <task id="B" />\n      <task id="A">\n        <!-- mine -->\n        <documentation>two\n    lines</documentation>\n      </task>\n    </subProcess>`);
});

test("a new id is a change of the element, not another element", async () => {
  const original = `<definitions xmlns="${BPMN}" targetNamespace="t"><process id="P"><task name="Pay" id="A"><!-- mine --><documentation>why</documentation></task></process></definitions>`;

  expect(await saved(original, ({ A }) => (A.id = "pay"))).toBe(original.replace(`"A"`, `"pay"`));
});

test("a part under declarations of its own is edited where it stands, and written anew where they do not hold", async () => {
  const process = `<b:process xmlns:b="${BPMN}" xmlns:z="${ZEEBE}" id="P"><b:subProcess id="S"/><b:task id="T"><b:extensionElements><z:taskDefinition type="a"/></b:extensionElements></b:task></b:process>`;
  const original = `<d:definitions xmlns:d="${BPMN}" targetNamespace="t">${process}<d:process id="Q"/></d:definitions>`;

  expect(await saved(original, ({ T }) => (T.extensionElements.values[0].type = "b"))).toBe(original.replace(`"a"`, `"b"`));
  expect(await saved(original, ({ P, S, T }) => S.get("flowElements").push(...P.flowElements.splice(P.flowElements.indexOf(T), 1)))).toContain(`<b:subProcess id="S"><b:task id="T">`);

  const text = await saved(original, ({ P, Q, T }) => Q.get("flowElements").push(...P.flowElements.splice(P.flowElements.indexOf(T), 1)));
  expect(text).toContain(`<d:process id="Q"><d:task id="T"><d:extensionElements><zeebe:taskDefinition type="a"/></d:extensionElements></d:task></d:process>`);
  expect(text).toContain(`<b:subProcess id="S"/></b:process>`);
});

test("what bpmn-js does to a diagram by itself is no edit: its order of shapes, its empty labels", async () => {
  const original = ownModels.find(({ name }) => name === "claim.bpmn")!.text;
  const definitions = await read(original);
  const { plane } = definitions.diagrams[0];
  plane.planeElement.reverse();
  const keep = keeper(original, await write(definitions));
  const shape = plane.planeElement.find((each: Moddle) => each.$type === "bpmndi:BPMNShape" && !each.label);
  shape.label = definitions.$model.create("bpmndi:BPMNLabel", {});
  expect(await keep.writeSurely(await write(definitions), serialise)).toEqual({ text: original, kept: true });

  shape.bounds.x = 4321;
  plane.planeElement.splice(plane.planeElement.indexOf(shape) + 1, 1);
  const { text, kept } = await keep.writeSurely(await write(definitions), serialise);
  const lines = new Set(original.split("\n"));
  expect(kept).toBe(true);
  expect(text.split("\n").filter((line) => !lines.has(line)).map((line) => line.trim().slice(0, 60))).toEqual([expect.stringContaining(shape.id)]);
  expect(original.split("\n").length - text.split("\n").length).toBeLessThan(8);
});

test("what bpmn-js adds while it draws is not written, and does not hinder the proof", async () => {
  const original = ownModels.find(({ name }) => name === "claim.bpmn")!.text.replaceAll(' isMarkerVisible="true"', "");
  const { rootElement: definitions, elementsById } = await moddle().fromXML(original);
  for (const shape of definitions.diagrams[0].plane.planeElement) if (shape.bpmnElement?.$type === "bpmn:ExclusiveGateway") shape.isMarkerVisible = true;
  const keep = keeper(original, await write(definitions));
  elementsById.damageHappened.name = "It happened";

  expect(await write(definitions)).toContain("isMarkerVisible");
  expect(await keep.writeSurely(await write(definitions), serialise)).toEqual({ text: original.replace(/(id="damageHappened" name=)"[^"]*"/, '$1"It happened"'), kept: true });
});

test("letters that the file's encoding may not have are written as numbers", async () => {
  const original = `<?xml version="1.0" encoding="ISO-8859-1"?><definitions xmlns="${BPMN}" targetNamespace="t"><process id="P"><documentation>x</documentation></process></definitions>`;
  const text = await saved(original, ({ P }) => {
    P.name = "évaluer";
    P.documentation[0].text = "ŝ";
  });

  expect(text).toContain(`name="&#233;valuer"`);
  expect(text).toContain("<documentation>&#349;</documentation>");
});

test("a file that cannot be followed is saved in bpmn-moddle's own layout, and this is said", async () => {
  const odd = `<definitions xmlns="${BPMN}" targetNamespace=t><process id="P"/></definitions>`;
  const [before, after] = [`<definitions xmlns="${BPMN}"><process id="P" /></definitions>`, `<definitions xmlns="${BPMN}"><process id="Q" /></definitions>`];

  expect(keepText(odd, before, before)).toEqual({ text: odd, kept: true });
  expect(keepText(odd, before, after)).toEqual({ text: after, kept: false });
  expect(await keeper(odd, before).writeSurely(after, serialise)).toEqual({ text: after, kept: false });
});

test("what does not read as the model is not saved", async () => {
  const original = `<definitions xmlns="${BPMN}" targetNamespace="t"><process id="P"/></definitions>`;
  const after = (await serialise(original)).replace('"P"', '"Q"');
  const deaf = async (xml: string): Promise<string> => (xml === after ? xml : original);

  expect((await keeper(original, original).writeSurely(after, serialise)).kept).toBe(true);
  expect(await keeper(original, original).writeSurely(after, deaf)).toEqual({ text: after, kept: false });
  expect(await keeper(original, original).writeSurely(after, () => Promise.reject(new Error("unreadable")))).toEqual({ text: after, kept: false });
});

test("the time grows with the size of the file only", () => {
  const tasks = Array.from({ length: 16_000 }, (_, n) => `    <bpmn:task id="T${n}" name="Task ${n}">\n      <bpmn:documentation>Words on task ${n}.</bpmn:documentation>\n      <bpmn:incoming>F${n}</bpmn:incoming>\n    </bpmn:task>\n`);
  const file = (all: string[]): string => `<bpmn:definitions xmlns:bpmn="${BPMN}">\n  <bpmn:process id="P">\n${all.join("")}  </bpmn:process>\n</bpmn:definitions>`;
  const fastest = (count: number): number => {
    const some = tasks.slice(0, count);
    const [before, after] = [file(some), file([...some.slice(1, 900), ...some.slice(901), `    <bpmn:task id="N" name="New" />\n`])];
    const times = [0, 1, 2, 3, 4].map(() => {
      const from = process.cpuUsage(); // of this process alone, whatever else the machine does
      expect(keepText(before, before, after).text).toBe(after);
      return process.cpuUsage(from).user;
    });
    return Math.min(...times);
  };
  fastest(1_000); // compiled by now

  expect(fastest(16_000)).toBeLessThan(8 * 4 * fastest(2_000)); // eight times the size; quadratic would be 64 times the time
}, 60_000);
