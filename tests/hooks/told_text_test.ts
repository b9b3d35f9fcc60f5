/** The file of what hooks were told. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { HOOK_EVENT_NAMES } from "../../src/hooks/hook_event.ts";
import {
  formatTold,
  NOTHING_TOLD,
  parseTold,
} from "../../src/hooks/told_text.ts";
import { directoryContent } from "../../src/system/directory_content.ts";
import { isOwnFile } from "../../src/system/own_files.ts";
import { temporaryDirectory } from "../support.ts";

const time = fc.integer({ min: 0, max: 4_000_000_000 });
const maybe = fc.option(time, { nil: undefined });
const state = fc.record({
  told: fc.dictionary(
    fc.stringMatching(/^[a-z]{1,5} [a-z]{1,5}$/),
    fc.record({
      present: fc.boolean(),
      login: maybe,
      access: time,
      due: fc.oneof(time, fc.constant(Infinity)),
      life: fc.oneof(time, fc.constant(Infinity)),
      warned: maybe,
      needed: fc.boolean(),
      failing: fc.boolean(),
      at: time,
    }),
  ),
  undelivered: fc.array(fc.record({
    hook: fc.string(),
    event: fc.record({
      event: fc.constantFrom(...HOOK_EVENT_NAMES),
      profile: fc.string(),
      provider: fc.string(),
      due: maybe,
    }),
    since: time,
  })),
});

Deno.test("parseTold() returns what formatTold() was given, unknown ends included", () => {
  fc.assert(fc.property(state, (one) => {
    assert.deepEqual(
      JSON.stringify(parseTold(formatTold(one))),
      JSON.stringify(one),
    );
    for (const [key, { due, life }] of Object.entries(one.told)) {
      const parsed = parseTold(formatTold(one)).told[key];
      assert.deepEqual([parsed?.due, parsed?.life], [due, life]);
    }
  }));
});

Deno.test("parseTold() makes something of any text", () => {
  fc.assert(fc.property(
    fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((told) => `{"version":1,"told":${told}}`),
      fc.json().map((left) => `{"version":1,"undelivered":[${left}]}`),
    ),
    (text) => {
      const { told, undelivered } = parseTold(text);
      assert.equal(typeof told, "object");
      assert.ok(Array.isArray(undelivered));
    },
  ));
});

Deno.test("what is kept of hooks is tdauth's own, by its name and by its content", async () => {
  await using directory = temporaryDirectory();
  for (const name of [".hooks.json", ".hooks.lock"]) {
    assert.ok(isOwnFile(name, []));
  }
  const write = (name: string, text: string) =>
    Deno.writeTextFileSync(`${directory.path}/${name}`, text);
  write(".hooks.lock", "");
  assert.equal(directoryContent(directory.path), "empty");
  write(".hooks.json", "{}");
  assert.equal(directoryContent(directory.path), "other");
  write(".hooks.json", formatTold(NOTHING_TOLD));
  assert.equal(directoryContent(directory.path), "own");
});
