import assert from "node:assert/strict";
import fc from "fast-check";
import { quickToken } from "../../cli.ts";
import { realIo } from "../../src/cli/terminal/io.ts";
import { tokenFileName } from "../../src/system/config_dir.ts";
import tokenCommand from "../../src/cli/commands/token.ts";
import { COMMANDS } from "../../src/cli/commands/table.ts";
import { temporaryDirectory } from "../support.ts";

/** Mostly what is right, sometimes what is not. */
const mostly = <T>(right: T, ...wrong: unknown[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant<unknown>(right) }, {
    weight: 1,
    arbitrary: fc.constantFrom(...wrong),
  });

const stored = fc.record({
  token: mostly("ACCESS", "", null, 5),
  age: mostly(60, -400, -10, 0, 1700, 1739, 1741, 1800, 4000, "now"),
  expires_in: mostly(1800, 0, -1, 1e300, "1800", null),
  version: mostly(1, undefined, 2, "1"),
  provider: mostly("schwab", undefined, "tdameritrade", 5),
  sealed: mostly(undefined, "tdauth-sealed:1:key::AAAA", "", null, 5),
});
const profile = fc.record({
  consumerKey: mostly(
    "TESTKEY",
    "OTHER-KEY.x",
    "KEY@AMER.OAUTHAP",
    "a/b",
    "",
    5,
    undefined,
  ),
  provider: mostly("schwab", "Schwab", "tdameritrade", undefined, 5),
  seal: mostly(undefined, "key", "keychain", "none"),
});
const environment = fc.record({
  TD_PROFILE: mostly(undefined, "work", "nobody", "../x", "__proto__"),
  TD_CONSUMER_KEY: mostly(undefined, "TESTKEY", "OTHER-KEY.x"),
  TD_PROVIDER: mostly(undefined, "schwab", "tdameritrade"),
  TD_STORE_TOKENS: mostly(undefined, "True", "False", "x"),
  TD_LOG_LEVEL: mostly(undefined, "debug", "x"),
  TD_JSON: mostly(undefined, "1"),
});

/** What the full program prints, without a refresh; `undefined` when it would do anything else. */
async function full(
  env: (name: string) => string | undefined,
): Promise<string | undefined> {
  let printed = "";
  const io = {
    ...realIo(["token"], env, new AbortController().signal),
    out: (text: string) => void (printed += text),
    err: () => {},
    fetch: () => Promise.reject(new Error("nothing is sent here")),
  };
  try {
    await tokenCommand.start?.({
      io,
      commands: COMMANDS,
      values: new Map(),
      words: [],
    });
    return printed;
  } catch {
    return undefined;
  }
}

Deno.test("quickToken() prints what the full program prints, or leaves it to the full program", async () => {
  let quick = 0;
  await fc.assert(
    fc.asyncProperty(
      profile,
      stored,
      environment,
      async (settings, { age, ...entry }, variables) => {
        await using directory = temporaryDirectory();
        const now = Math.floor(Date.now() / 1000);
        const { version, provider, sealed, ...token } = entry;
        const name = variables.TD_PROFILE === "work" ? "work" : "default";
        Deno.writeTextFileSync(
          `${directory.path}/config.json`,
          JSON.stringify({ profiles: { [name]: settings } }),
        );
        if (
          typeof settings.consumerKey === "string" &&
          settings.consumerKey !== ""
        ) {
          Deno.writeTextFileSync(
            `${directory.path}/${tokenFileName(settings.consumerKey, name)}`,
            JSON.stringify({
              access_token: {
                ...token,
                access_time: typeof age === "number" ? now - age : age,
              },
              refresh_token: null,
              version,
              provider,
              sealed,
            }),
          );
        }
        const all = { ...variables, TD_CONFIG_DIR: directory.path } as Record<
          string,
          string | undefined
        >;
        const env = (variable: string) => all[variable];
        const token1 = quickToken(["token"], env, () => all);
        const printed = await full(env);
        if (token1 === undefined) return;
        quick++;
        assert.equal(`${token1}\n`, printed);
      },
    ),
    { numRuns: 300 },
  );
  assert.ok(quick > 20, `only ${quick} of 300 were answered quickly`);
});

Deno.test("quickToken() leaves other commands, flags and a relative directory to the full program", async () => {
  await using directory = temporaryDirectory();
  Deno.writeTextFileSync(
    `${directory.path}/config.json`,
    JSON.stringify({
      profiles: { default: { consumerKey: "TESTKEY", provider: "schwab" } },
    }),
  );
  const now = Math.floor(Date.now() / 1000);
  Deno.writeTextFileSync(
    `${directory.path}/TESTKEY`,
    JSON.stringify({
      access_token: { token: "ACCESS", access_time: now, expires_in: 1800 },
      refresh_token: null,
    }),
  );
  const all = { TD_CONFIG_DIR: directory.path };
  const env = (name: string) =>
    name === "TD_CONFIG_DIR" ? directory.path : undefined;
  const quick = (
    args: readonly string[] = ["token"],
    more: Readonly<Record<string, string>> = {},
  ) => quickToken(args, env, () => ({ ...all, ...more }));
  assert.equal(quick(), "ACCESS");
  // It may not see whether one is set that it does not know.
  assert.equal(quickToken(["token"], env, () => undefined), undefined);
  for (const name of ["TD_JSON", "td_json", "TD_NEW_SETTING"]) {
    assert.equal(quick(["token"], { [name]: "1" }), undefined, name);
    assert.equal(quick(["token"], { [name]: "" }), "ACCESS", name);
  }
  assert.equal(quick(["token"], { PATH: "/bin" }), "ACCESS");
  for (
    const args of [[], ["status"], ["token", "--verbose"], [
      "--profile",
      "x",
      "token",
    ]]
  ) {
    assert.equal(quick(args), undefined);
  }
  assert.equal(
    quickToken(
      ["token"],
      (name) => name === "TD_CONFIG_DIR" ? "relative" : undefined,
      () => all,
    ),
    undefined,
  );
});
