import assert from "node:assert/strict";
import type { Authority } from "../../src/certificate/authority.ts";
import type { RunProgram } from "../../src/system/run_program.ts";
import type { Presence, TrustStore } from "../../src/certificate/store.ts";
import { trustIn, untrustAll } from "../../src/certificate/trust.ts";
import { readTrust, trustPath } from "../../src/certificate/trust_record.ts";
import { failsWith, temporaryDirectory } from "../support.ts";
import { TdauthError } from "../../src/base/errors.ts";
import { newAuthority } from "./nss_support.ts";

const PLACE = { kind: "windows", path: "Root" } as const;

/** A store in memory, which may fail. */
function storeOf(
  present: Set<string>,
  add: (authority: Authority, file: string) => void = () => {},
): TrustStore {
  return {
    ...PLACE,
    look: ({ name }): Promise<Presence> =>
      Promise.resolve(present.has(name) ? "trusted" : "absent"),
    add: async (authority, file) => {
      await Promise.resolve();
      add(authority, file);
      present.add(authority.name);
    },
    remove: ({ name }) => Promise.resolve(void present.delete(name)),
  };
}

Deno.test("trustIn() notes a CA before it adds it, so that an interrupted one is found again", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  const authority = await newAuthority();
  const present = new Set<string>();
  const seen: unknown[] = [];
  const store = storeOf(present, (_, file) => {
    seen.push(readTrust(path), Deno.readTextFileSync(file));
  });
  assert.equal(await trustIn(path, authority, store), true);
  const noted = [{ ca: authority.pem, stores: [PLACE] }];
  assert.deepEqual(seen, [noted, authority.pem]);
  assert.equal(await trustIn(path, authority, store), false);
  assert.equal(seen.length, 2);
  assert.deepEqual(readTrust(path), noted);
});

Deno.test("trustIn() drops a CA that a store rejected", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  const store = storeOf(new Set(), () => {
    throw new TdauthError("certificate_failed", "Cannot add it: no");
  });
  await failsWith(
    "certificate_failed",
    trustIn(path, await newAuthority(), store),
  );
  assert.deepEqual(readTrust(path), []);
});

Deno.test("untrustAll() removes every CA but a damaged one, which it reports", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  const whole = await newAuthority();
  await trustIn(path, whole, storeOf(new Set()));
  const file = trustPath(path);
  const [noted] = readTrust(path);
  const damaged = whole.pem.replace(/\n.{4}/, "\n====");
  Deno.writeTextFileSync(
    file,
    Deno.readTextFileSync(file).replace(
      JSON.stringify(whole.pem),
      () => JSON.stringify(damaged),
    ),
  );
  assert.notDeepEqual(readTrust(path), [noted]);
  await trustIn(path, whole, storeOf(new Set()));
  const run: RunProgram = () =>
    Promise.resolve({ code: 0, stdout: "", stderr: "" });
  const outcomes = await untrustAll(path, { os: "windows", home: "C:\\", run });
  assert.deepEqual(
    outcomes.map(({ authority, removed, error }) => [
      authority.name,
      removed,
      error instanceof TdauthError && error.code,
    ]),
    [
      ["a damaged entry of trust.json", false, "certificate_failed"],
      [whole.name, true, false],
    ],
  );
  assert.deepEqual(readTrust(path).map(({ ca }) => ca), [damaged]);
});

Deno.test("untrustAll() removes every CA but the one that stays, and remembers those that it could not", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  const [first, second, third] = [
    await newAuthority(),
    await newAuthority(),
    await newAuthority(),
  ];
  const present = new Set<string>();
  for (const authority of [first, second, third]) {
    await trustIn(path, authority, storeOf(present));
  }
  let refuses = first.sha1;
  const removed: string[] = [];
  const run: RunProgram = ({ args }) => {
    const [, action, , sha1 = ""] = args;
    const code = action === "-delstore" && sha1 === refuses ? 1 : 0;
    if (action === "-delstore" && code === 0) removed.push(sha1);
    return Promise.resolve({ code, stdout: "", stderr: "" });
  };
  const around = { os: "windows", home: "C:\\", run };
  const outcomes = await untrustAll(path, around, third.pem);
  assert.deepEqual(
    outcomes.map((one) => [one.authority.name, one.removed, !!one.error]),
    [[first.name, false, true], [second.name, true, false]],
  );
  assert.deepEqual(removed, [second.sha1]);
  const left = () => readTrust(path).map(({ ca }) => ca);
  assert.deepEqual(left(), [first.pem, third.pem]);
  refuses = "";
  await untrustAll(path, around);
  assert.deepEqual(removed, [second.sha1, first.sha1, third.sha1]);
  assert.deepEqual(left(), []);
});
