/** What a draft sends: all strokes, also those that an editor still gathers; a deleted file stays deleted. */
import { beforeEach, expect, test, vi } from "vitest";
import { change, drop, flush, gathers, open } from "../../src/drafts/store";

const file = { name: "claim.bpmn", content: "before" };
const sent: { changes: { name: string; content: string | null }[] }[] = [];

vi.mock("../../src/shell/session", () => ({ session: () => ({ username: "mona", csrf: "" }), toLogIn: () => undefined, has: () => true }));

beforeEach(() => {
  sent.length = 0;
  localStorage.clear();
  vi.stubGlobal("fetch", async (_path: string, { method, body }: { method: string; body?: string }) => {
    if (method === "PUT") sent.push(JSON.parse(body!));
    return new Response(JSON.stringify({ name: "Claim", revision: 1 + sent.length, files: [file], editors: [] }), { status: 200 });
  });
});

test("what an editor still gathers is sent first", async () => {
  const draft = await open("1");
  const gone = gathers(draft, async () => change(draft, file.name, "after"));
  await flush(draft);

  expect(sent.map((one) => one.changes)).toEqual([[{ name: file.name, content: "after" }]]);
  expect(draft.state.value).toBe("saved");
  gone();
  change(draft, file.name, "later");
  await flush(draft);
  expect(draft.files.value).toEqual([{ ...file, content: "later" }]);
});

test("a late stroke brings no deleted file back", async () => {
  const draft = await open("2");
  gathers(draft, async () => change(draft, file.name, "after"));
  drop(draft, file.name);
  await flush(draft);

  expect(sent.map((one) => one.changes)).toEqual([[{ name: file.name, content: null }]]);
  expect(draft.files.value).toEqual([]);
});
