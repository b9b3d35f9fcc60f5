import assert from "node:assert/strict";
import { type StoreTest, storeTests } from "../../src/testing/mod.ts";
import { type Flaw, openBreakable } from "./breakable_store.ts";

const tests = storeTests({ manyProcesses: true, forgets: true, canFail: true });

/** Of each flaw the test that finds it, and what that says. */
const found: Readonly<
  Record<Flaw, readonly [test: string, message: RegExp]>
> = {
  "exclusive runs at once": [
    "runs exclusive work of one kind one at a time, through any object",
    /how many ran at once: it is 20, not 1/,
  ],
  "exclusive never ends": [
    "reads and writes in the middle of exclusive work",
    /has not ended after 1 seconds; perhaps a turn is never had/,
  ],
  "release does nothing": [
    "has the turn free for the next one when the work is over",
    /has not ended after 1 seconds; perhaps a turn is not released/,
  ],
  "release frees anyone's lock": [
    "does not release the turn of the next process for an overtaken one",
    /release frees the lock of another owner/,
  ],
  "renew does nothing": [
    "keeps a turn that takes longer than a lease",
    /a turn was lost while its work went on/,
  ],
  "renew takes anyone's lock": [
    "does not renew the turn of an overtaken process",
    /renew takes the lock from another owner/,
  ],
  "a journal does not prolong the turn": [
    "holds the turn again with a journal after its lease, or refuses it",
    /a journal does not prolong the turn by a lease/,
  ],
  "a journal raises the fence": [
    "keeps a login during which a refresh wrote a journal alone",
    /a journal raises the fence of the text/,
  ],
  "a write without a turn lowers the fence": [
    "refuses what an overtaken process writes after the next one",
    /a late refresh must be refused/,
  ],
  "clear leaves the fence": [
    "does not let an overtaken process bring back what was cleared",
    /a late refresh must be refused/,
  ],
  "clear takes its fence from elsewhere": [
    "does not let an overtaken process bring back what was cleared",
    /was suspended, and its lock expired/, // that is what the login after it hears
  ],
  "a write without expires keeps the old one": [
    "keeps a text whose end is not known, in the place of one that expires",
    /an hour later: it is ""/,
  ],
  "accounts share their tokens": [
    "keeps the tokens and the turns of two accounts apart",
    /one reads the other's tokens/,
  ],
  "accounts share their locks": [
    "keeps the tokens and the turns of two accounts apart",
    /perhaps one account waits for the turn of another/,
  ],
  "read swallows errors": [
    "rejects a read of what is damaged, or cannot be reached",
    /a read must fail, and it returned an empty text/,
  ],
  "read throws an error of its own": [
    "rejects a read of what is damaged, or cannot be reached",
    /and it failed with RangeError: row 0/,
  ],
  "both kinds of work share a lock": [
    "lets a refresh run while a login waits for its user",
    /perhaps a refresh waits for a login/,
  ],
};

for (const { name, run } of tests) {
  Deno.test(`storeTests() pass a sound store: it ${name}`, () =>
    run(() => openBreakable()));
}

function testOf(name: string): StoreTest {
  const test = tests.find((test) => test.name === name);
  assert.ok(test, `there is no test "${name}"`);
  return test;
}

const flaws = Object.keys(found).filter((name): name is Flaw => name in found);

for (const flaw of flaws) {
  const [name, message] = found[flaw];
  Deno.test({
    name: `storeTests() find a store where ${flaw}`,
    // What such a store never ends goes on.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const open = () => openBreakable(flaw);
      // Those that end wait for leases of two seconds.
      const timeout = /perhaps/.test(message.source) ? 1 : 20;
      await assert.rejects(testOf(name).run(open, { timeout }), message);
    },
  });
}
