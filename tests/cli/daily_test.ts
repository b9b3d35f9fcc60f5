import assert from "node:assert/strict";
import fc from "fast-check";
import { DAILY, quickToken } from "../../cli.ts";
import type { Answer } from "../../src/cli/daily/answer.ts";
import { cachedToken } from "../../src/cli/daily/cached_token.ts";
import { dailyCommand } from "../../src/cli/daily/daily_command.ts";
import { run } from "../../src/cli/program.ts";
import { realIo } from "../../src/cli/terminal/io.ts";
import type { Env } from "../../src/system/environment.ts";
import { runs } from "../fuzz/fuzz.ts";
import { only, temporaryDirectory } from "../support.ts";
import {
  FILES,
  KEY,
  NOW,
  OTHER_KEY,
  type Scene,
  scenes,
  SECONDS,
  USUAL,
} from "./scene.ts";
import { type Place, setUp } from "./scene_place.ts";

/** How many machines are generated. */
const MACHINES = 1200;

/** Who can answer without the whole program. */
type Way = "quickToken" | "cachedToken" | "dailyCommand";

/** An empty variable is none, as in the real environment. */
function asEnv(variables: Place["variables"]): Env {
  return (name) => variables[name] || undefined;
}

/** Asks each of them; all that it left to the whole program is absent. */
async function quickAnswers(
  { line }: Scene,
  { variables }: Place,
): Promise<Map<Way, Required<Answer>>> {
  const env = asEnv(variables);
  const args = line.split(" ");
  const answers = new Map<Way, Required<Answer>>();
  const put = (way: Way, answer: Answer | undefined) =>
    answer !== undefined && answers.set(way, { err: "", code: 0, ...answer });
  if (line === "token") {
    const token = quickToken(env, () => variables, NOW);
    put("quickToken", token === undefined ? token : { out: `${token}\n` });
    put("cachedToken", await cachedToken(env, NOW));
  }
  const load = (name: string) =>
    Object.hasOwn(DAILY, name)
      ? import(`../../src/${DAILY[name as keyof typeof DAILY]}.ts`)
      : undefined;
  put("dailyCommand", await dailyCommand(args, load, env, () => NOW));
  return answers;
}

/** What the whole program answers. */
async function fullAnswer(
  { line }: Scene,
  { variables }: Place,
): Promise<Required<Answer>> {
  const printed = { out: "", err: "" };
  const io = realIo(
    line.split(" "),
    asEnv(variables),
    new AbortController().signal,
  );
  const code = await run({
    ...io,
    out: (text) => void (printed.out += text),
    err: (text) => void (printed.err += text),
    terminal: { ...io.terminal, in: false }, // it would ask for a passphrase
    now: () => NOW,
    fetch: () => Promise.reject(new TypeError("nothing is sent here")),
  });
  return { ...printed, code };
}

/** All that is in a directory: names, modes, times, contents. */
function snapshot(directory: string): unknown[] {
  return [...Deno.readDirSync(directory)].flatMap(({ name }) => {
    const path = `${directory}/${name}`;
    const { mode, mtime, isDirectory } = Deno.lstatSync(path);
    const isLink = Deno.lstatSync(path).isSymlink;
    return [
      [path, mode, mtime?.getTime()],
      isDirectory
        ? snapshot(path)
        : isLink
        ? Deno.readLinkSync(path)
        : Deno.readTextFileSync(path),
    ];
  });
}

/** Compares all answers on a machine; returns who answered. */
async function answered(scene: Scene): Promise<Way[]> {
  await using home = temporaryDirectory();
  const place = await setUp(scene, home.path);
  const before = snapshot(home.path);
  const answers = await quickAnswers(scene, place);
  assert.deepEqual(snapshot(home.path), before, "something was changed");
  if (answers.size === 0) return [];
  const full = await fullAnswer(scene, place);
  for (const [way, answer] of answers) {
    assert.deepEqual({ way, ...answer }, { way, ...full });
  }
  return [...answers.keys()];
}

Deno.test("quickToken(), cachedToken() and dailyCommand() print what the whole program prints and change nothing, or leave it to the whole program", async () => {
  const counts = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(scenes, async (scene) => {
      for (const way of await answered(scene)) {
        for (const key of [way, `${way}: ${scene.line}`]) {
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
      }
    }),
    runs(MACHINES),
  );
  for (
    const [key, least] of [
      ["quickToken", 20],
      ["cachedToken", 60],
      ["dailyCommand", 250],
      ...["token --json", "token --min-valid 5m", "header", "header --json"]
        .map((line) => [`dailyCommand: ${line}`, 10] as const),
      ...["status", "status --json", "--profile x token", "--profile x status"]
        .map((line) => [`dailyCommand: ${line}`, 10] as const),
    ] as const
  ) {
    const count = counts.get(key) ?? 0;
    assert.ok(count >= least, `${key} answered only ${count} times`);
  }
});

/** The settings in the environment alone. */
const ENVIRONMENT: Partial<Scene> = {
  config: "absent",
  profile: {},
  env: { TD_CONSUMER_KEY: "TESTKEY", TD_PROVIDER: "schwab" },
};
const ALL: readonly Way[] = ["quickToken", "cachedToken", "dailyCommand"];
const TWO = ALL.slice(1);
const NONE: readonly Way[] = [];

/** By whom `token` is answered with the settings in the profile, and whether `status` is. */
const BY_FILE: Readonly<
  Record<typeof FILES[number], readonly [readonly Way[], boolean]>
> = {
  "tdauth": [ALL, true],
  "link": [ALL, true],
  "pending": [ALL, true],
  "refused": [ALL, true],
  "no refresh token": [ALL, true],
  "pyTD": [TWO, true],
  "sealed": [TWO, true],
  "byte order mark": [ALL, true],
  "unknown lifetime": [NONE, true],
  "version 2": [NONE, false],
  "damaged": [NONE, false],
  "foreign": [NONE, false],
  "sealed, damaged": [NONE, false],
  "empty": [NONE, false],
  "absent": [NONE, false],
  "other app": [NONE, false],
  "other provider": [NONE, false],
};

for (const file of FILES) {
  const [token, status] = BY_FILE[file];
  Deno.test(
    `${
      token.length === 0 ? "only the whole program" : token[0]
    } answers tdauth token from this file: ${file}`,
    async () => {
      const key = file.startsWith("sealed") ? { TD_CACHE_KEY: KEY } : {};
      const ways = (more: Partial<Scene>) =>
        answered({ ...USUAL, file, ...more, env: { ...more.env, ...key } });
      assert.deepEqual(await ways({}), token);
      assert.deepEqual(await ways(ENVIRONMENT), token.slice(-2));
      const line = "status";
      const daily = status ? ["dailyCommand"] : [];
      assert.deepEqual(await ways({ line }), daily);
      assert.deepEqual(await ways({ ...ENVIRONMENT, line }), daily);
    },
  );
}

/** A provider without metadata. */
const CUSTOM = {
  consumerKey: "TESTKEY",
  provider: "acme",
  authorizationEndpoint: "https://a.example/authorize",
  tokenEndpoint: "https://a.example/token",
};

for (
  const [what, scene, ways] of [
    ["TD_PROVIDER", { env: { TD_PROVIDER: "schwab" } }, TWO],
    ["TD_STORE_TOKENS=True", { env: { TD_STORE_TOKENS: "True" } }, TWO],
    ["TD_STORE_TOKENS=False", { env: { TD_STORE_TOKENS: "False" } }, NONE],
    ["TD_LOG_LEVEL=debug", { env: { TD_LOG_LEVEL: "debug" } }, TWO],
    ["TD_JSON=1", { env: { TD_JSON: "1" } }, ["dailyCommand"]],
    ["no provider", {
      profile: { consumerKey: "TESTKEY", consumerSecret: "SECRET" },
    }, TWO],
    ["tokens to be sealed", { profile: { ...USUAL.profile, seal: "key" } }, []],
    ["tokens sealed without a key", { file: "sealed" }, NONE],
    ["tokens sealed by another key", {
      file: "sealed",
      env: { TD_CACHE_KEY: OTHER_KEY },
    }, NONE],
    ["a practice broker", {
      profile: { ...USUAL.profile, sandbox: "http://127.0.0.1:8080" },
      entries: { provider: "schwab@127.0.0.1:8080" },
    }, TWO],
    ["a broker's token for the practice broker", {
      profile: { ...USUAL.profile, sandbox: "http://127.0.0.1:8080" },
    }, NONE],
    ["an unknown provider", {
      profile: { ...USUAL.profile, provider: "shwab" },
      file: "pyTD",
    }, NONE],
    ["a custom provider", {
      profile: CUSTOM,
      entries: { provider: "acme@a.example" },
    }, TWO],
    ["a custom provider's token for another endpoint", {
      profile: { ...CUSTOM, tokenEndpoint: "https://b.example/token" },
      entries: { provider: "acme@a.example" },
    }, NONE],
    ["a broker's token for another token endpoint", {
      profile: { ...USUAL.profile, tokenEndpoint: "https://a.example/token" },
    }, NONE],
    ["a parameter that the protocol sets", {
      profile: { ...USUAL.profile, authorizationParameters: "state=known" },
    }, NONE],
    ["a provider's parameter", {
      profile: { ...USUAL.profile, authorizationParameters: "audience=x" },
    }, TWO],
    ["a wrong profile beside it", { config: "with a wrong profile" }, NONE],
    ["a control character in a variable", {
      env: { TD_CALLBACK_URL: "https://x\u0007" },
    }, NONE],
    ["a control character in the profile", {
      profile: { ...USUAL.profile, scope: "a\nb" },
    }, NONE],
    ["the platform's directory", { named: "home" }, ALL],
    ["a relative directory", { named: "relative" }, NONE],
    ["a profile that cannot be one", { env: { TD_PROFILE: "../x" } }, NONE],
    ["a token of ten years and a second", {
      line: "token --json",
      token: { expires_in: 315_576_001 },
    }, NONE],
    ["a token from the future", { token: { access_time: NOW } }, NONE],
    ["60 seconds left of 30 minutes", {
      token: { access_time: SECONDS - 1740, expires_in: 1800.5 },
    }, NONE],
    ["61 seconds left of 30 minutes", {
      token: { access_time: SECONDS - 1739, expires_in: 1800.5 },
    }, ALL],
    ["half a minute left of a minute", {
      token: { access_time: SECONDS - 30, expires_in: 60 },
    }, ALL],
    ["a tenth left of a minute", {
      token: { access_time: SECONDS - 54, expires_in: 60.5 },
    }, NONE],
    ["5 seconds left of 6", {
      token: { access_time: SECONDS - 1, expires_in: 6 },
    }, ALL],
    ["half a second left of 6", {
      token: { access_time: SECONDS - 5, expires_in: 6 },
    }, NONE],
    ["5 seconds left of 6 and --min-valid 5s", {
      line: "token --min-valid 5s",
      token: { access_time: SECONDS - 1, expires_in: 6 },
    }, NONE],
    ["no 5 minutes left", {
      line: "token --min-valid 5m",
      token: { expires_in: 300 },
    }, NONE],
    ["a token that the API rejected", { line: "token --refused" }, NONE],
    ["a directory open to the group", { modes: [0o750, 0o600, 0o600] }, NONE],
    ["a directory open to all", { modes: [0o777, 0o600, 0o600] }, NONE],
    ["a token file open to all", { modes: [0o700, 0o644, 0o600] }, NONE],
    ["a config.json open to all", { modes: [0o700, 0o600, 0o644] }, ALL],
  ] satisfies readonly [string, Partial<Scene>, readonly Way[]][]
) {
  const name = `${
    ways[0] ?? "only the whole program"
  } answers a daily command with ${what}`;
  Deno.test(
    "modes" in scene ? only("Unix", name) : { name },
    async () => assert.deepEqual(await answered({ ...USUAL, ...scene }), ways),
  );
}

Deno.test("quickToken() leaves the answer to the settings where it may not see all variables, or sees one that it does not know", async () => {
  await using home = temporaryDirectory();
  const { variables } = await setUp(USUAL, home.path);
  const quick = (all: typeof variables | undefined) =>
    quickToken(asEnv(variables), () => all, NOW);
  assert.equal(quick(variables), "ACCESS");
  assert.equal(quick({ ...variables, PATH: "/bin" }), "ACCESS");
  assert.equal(quick(undefined), undefined);
  for (const name of ["TD_JSON", "td_json", "TD_NEW_SETTING"]) {
    assert.equal(quick({ ...variables, [name]: "1" }), undefined, name);
    assert.equal(quick({ ...variables, [name]: "" }), "ACCESS", name);
  }
});
