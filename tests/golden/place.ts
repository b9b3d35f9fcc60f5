/** What writing and reading the golden files share: the clock, the keys, a copy to work on, and a program with nothing else around it. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { denoEnvironment, denoProcess } from "../../tools/deno.ts";
import { temporaryDirectory } from "../support.ts";

/** When the files were written, in seconds since the epoch. */
export const NOW = 1_700_000_000;
/** When they are read: all tokens that were written as valid still are. */
export const LATER: number = NOW + 60;

/** The app of most profiles. */
export const APP = "GOLDENAPP";
/** Its secret. */
export const SECRET = "CANARY-golden-secret";
/** The keys that the tokens are sealed with, each 32 bytes in Base64. */
export const KEYS = {
  key: btoa("CANARY-golden-key-of-the-tests-1"),
  next: btoa("CANARY-golden-key-of-the-tests-2"),
};
/** The passphrase that the tokens are sealed with. */
export const PASSPHRASE = "CANARY-golden passphrase of the tests";

/** What opens the tokens of each sealed profile but the keychain's; a rotated key is given before the old one. */
export const OPENED_BY: Readonly<Record<string, Record<string, string>>> = {
  key: { TD_CACHE_KEY: KEYS.key },
  rotated: { TD_CACHE_KEY: `${KEYS.next} ${KEYS.key}` },
  passphrase: { TD_CACHE_PASSPHRASE: PASSPHRASE },
};

/** Where the golden files are. */
export const WRITTEN: string = path("written");
const CLOCK = path("clock.ts");

/** The path of a file beside this one. */
export function path(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** A golden file that is JSON. */
export function written(name: string): unknown {
  return JSON.parse(Deno.readTextFileSync(`${WRITTEN}/${name}`));
}

/** Every file of a directory and its text. */
export function contents(directory: string): Record<string, string> {
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name);
  return Object.fromEntries(
    names.sort().map((name) => [
      name,
      Deno.readTextFileSync(`${directory}/${name}`),
    ]),
  );
}

/** Fails when values differ, without showing what is in them: they hold what the tests take for secrets. */
export function assertSame(
  actual: unknown,
  expected: unknown,
  why: string,
): void {
  assert.ok(isDeepStrictEqual(actual, expected), why);
}

/** A home directory. */
export interface Place extends AsyncDisposable {
  readonly home: string;
  /** The configuration directory in it. */
  readonly configDir: string;
}

/** Makes a home directory; with a copy of the golden configuration directory in it where that is asked for. */
export function place({ golden = true } = {}): Place {
  const directory = temporaryDirectory();
  const home = directory.path;
  const configDir = `${home}/tdauth`;
  Deno.mkdirSync(configDir, { mode: 0o700 });
  if (golden) {
    // Git keeps no permissions but one bit.
    for (const [name, text] of Object.entries(contents(`${WRITTEN}/home`))) {
      Deno.writeTextFileSync(`${configDir}/${name}`, text, { mode: 0o600 });
    }
  }
  return {
    home,
    configDir,
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** How a program ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What of this machine a program needs to run at all. */
const NEEDED = ["PATH", "SSL_CERT_FILE", "DENO_TLS_CA_STORE"];

/** The whole environment of a program in a place. */
export function environment(
  { home, configDir }: Place,
  env: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const kept = NEEDED.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    TD_CONFIG_DIR: configDir,
    ...denoEnvironment(),
    DENO_NO_PROMPT: "1",
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
    TZ: "UTC",
    GOLDEN_NOW: String(LATER),
    ...env,
  };
}

/** Runs a program in a place to its end, by the clock of {@linkcode LATER}. */
export async function run(
  at: Place,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const { code, stdout, stderr } = await denoProcess(
    ["run", "-A", "--preload", CLOCK, program, ...args],
    {
      cwd: at.home,
      clearEnv: true,
      env: environment(at, env),
      stdin: "null",
      signal: AbortSignal.timeout(180_000),
    },
  ).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}
