/** The order in which a profile's tokens and its settings change, which is invisible from outside. */
import assert from "node:assert/strict";
import {
  AccessToken,
  DiskCache,
  noTokens,
  type SealKeySource,
} from "../../mod.ts";
import { ProfileCache } from "../../src/cache/profile_cache.ts";
import { newKey } from "../cli/sealed.ts";
import { failsWith, temporaryDirectory } from "../support.ts";
import { tokensIn } from "../tokens_in.ts";

/** A profile with a token in clear, and its settings. */
async function profile() {
  const directory = temporaryDirectory();
  const disk = new DiskCache(directory.path, "APP");
  const settings: { seal?: SealKeySource | undefined } = {};
  const env = { TD_CACHE_KEY: newKey(), TD_CACHE_PASSPHRASE: "five words" };
  const open = () =>
    new ProfileCache(disk, {
      wanted: () => settings.seal,
      env: (name) => new Map(Object.entries(env)).get(name),
    });
  const accessToken = new AccessToken({ token: "CANARY", expiresIn: 1800 });
  await tokensIn(disk).save({ ...noTokens(), accessToken }, "refresh");
  return {
    disk,
    settings,
    open,
    isSealed: () => !Deno.readTextFileSync(disk.path).includes("CANARY"),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

Deno.test("ProfileCache.reseal() writes the tokens sealed before the settings, and unencrypted after them, so that it can be killed in between", async () => {
  await using it = await profile();
  for (const kind of ["key", "passphrase", undefined, "key"] as const) {
    let asked = false;
    const remember = () => {
      asked = true;
      assert.ok(it.isSealed(), `${kind}`);
      it.settings.seal = kind;
    };
    assert.equal(await it.open().reseal(kind, remember, { timeout: 1 }), true);
    assert.ok(asked);
    assert.equal(it.isSealed(), kind !== undefined);
    assert.equal(
      String((await tokensIn(it.open()).load()).accessToken),
      "CANARY",
    );
  }
});

Deno.test("ProfileCache reads the tokens when it was killed between the two writes", async () => {
  await using it = await profile();
  const load = async () =>
    String((await tokensIn(it.open()).load()).accessToken);
  const sealing = it.open();
  await sealing.reseal("key", () => {}, { timeout: 1 }); // and not the settings
  assert.deepEqual([it.isSealed(), it.settings.seal], [true, undefined]);
  assert.equal(await load(), "CANARY");
  await sealing.reseal("key", () => it.settings.seal = "key", { timeout: 1 });
  it.settings.seal = undefined; // unsealing has begun
  assert.equal(await load(), "CANARY");
  assert.ok(it.isSealed());
});

Deno.test("ProfileCache.reseal() leaves the tokens as they were when the settings cannot be written", async () => {
  await using it = await profile();
  const fails = () => {
    throw new Error("the disk is full");
  };
  await assert.rejects(it.open().reseal("key", fails, { timeout: 1 }), /full/);
  assert.equal(it.isSealed(), false);
  assert.equal(
    String((await tokensIn(it.open()).load()).accessToken),
    "CANARY",
  );
});

Deno.test("ProfileCache rejects no tokens that are sealed while it checks whether they should be", async () => {
  await using it = await profile();
  const other = it.open();
  let looks = 0;
  const slow = new ProfileCache(
    new Proxy(it.disk, {
      get(disk, name) {
        const value = Reflect.get(disk, name, disk);
        if (typeof value !== "function") return value;
        return async (...args: unknown[]) => {
          const result = await value.apply(disk, args);
          if (name === "read" && ++looks === 1) {
            await other.reseal("key", () => it.settings.seal = "key", {
              timeout: 1,
            });
          }
          return result;
        };
      },
    }),
    {
      wanted: () => it.settings.seal,
      env: () => undefined,
    },
  );
  const error = await failsWith("cache_sealed", tokensIn(slow).load());
  assert.match(error.message, /: no key$/); // and not that they are unencrypted
});
