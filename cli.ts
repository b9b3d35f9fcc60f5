/**
 * The `tdauth` command. It answers what scripts call all the time with as few
 * files as that takes, and loads the whole program for everything else.
 *
 * @module
 */
import type { Answer } from "./src/cli/daily/answer.ts";
import type { Load, LoadIfThere } from "./src/cli/daily/parts.ts";
import {
  isAbsolute,
  platformConfigDir,
  tokenFileName,
} from "./src/system/config_dir.ts";
import { realEnv, realEnvironment } from "./src/system/environment.ts";
import {
  readPrivateText,
  readTextIfThere,
  UnfitFile,
} from "./src/system/read_text.ts";
import { heldToken } from "./src/token/held_token.ts";

/** The extension of this file and of all that it loads: another one when bundled. */
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf("."));

/** Not literals: see `Parts`. */
const load: Load = (part) =>
  import(new URL(`./src/${part}${EXTENSION}`, import.meta.url).href);

/** Loads what answers a daily command; nothing where it is missing, for the whole program can do the same. */
const ifThere: LoadIfThere = (part) => load(part).catch(() => undefined);

/** Variables that do not affect the token of a profile. */
const HARMLESS = [
  "TD_CONFIG_DIR",
  "TD_PROFILE",
  "TD_CALLBACK_URL",
  "TD_CONSUMER_SECRET",
  "TD_ACCESS_TOKEN",
  "TD_ACCESS_TOKEN_EXPIRES_AT",
];

/** What a profile may hold that decides neither the token nor whose it is, or is read here; the settings read the rest. */
const READ = [
  "provider",
  "consumerKey",
  "consumerSecret",
  "callbackUrl",
  "scope",
  "certFile",
  "keyFile",
];

/**
 * Answers `tdauth token` for a profile of `config.json` in the common case, with
 * a sixth of the files that the settings take. Anything else is left to them. A
 * property test keeps the two in agreement.
 *
 * @param env The environment.
 * @param all All of its variables.
 * @param now The clock, in milliseconds since the epoch.
 * @returns The token, or `undefined` when the settings must be asked.
 */
export function quickToken(
  env: (name: string) => string | undefined = realEnv,
  all: () => Readonly<Record<string, string | undefined>> | undefined =
    realEnvironment,
  now: number = Date.now(),
): string | undefined {
  try {
    for (const [name, value] of Object.entries(all() ?? { TD_: "unknown" })) {
      if (!/^TD_/i.test(name) || !value) continue;
      // Spaces are removed, and control characters rejected, by the settings.
      if (!HARMLESS.includes(name) || /[^!-~]/.test(value)) return undefined;
    }
    if (dotenvMatters()) return undefined;
    const directory = env("TD_CONFIG_DIR") ?? platformConfigDir(env) ?? "";
    if (!isAbsolute(directory)) return undefined;
    const profile = env("TD_PROFILE") ?? "default";
    if (!/^[A-Za-z0-9]\w{0,63}$/.test(profile)) return undefined;
    const config = readTextIfThere(`${directory}/config.json`) ?? "";
    if (/[^\n -~]|\\/.test(config)) return undefined;
    const { profiles } = JSON.parse(config);
    if (!Object.values(profiles).every(hasTexts)) return undefined;
    const { consumerKey, provider } = profiles[profile];
    if (
      !Object.keys(profiles[profile]).every((key) => READ.includes(key)) ||
      !provider || !consumerKey || consumerKey.trim() !== consumerKey
    ) return undefined;
    const name = tokenFileName(consumerKey, profile);
    const text = readPrivateText(directory, name) ?? "";
    const held = heldToken(text, { provider, consumerKey }, now);
    // One that a login wrote there exists; the profile's may be misspelled.
    return held !== undefined && held.provider === provider
      ? held.token
      : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a profile is an object whose values are all texts. */
function hasTexts(profile: unknown): boolean {
  return typeof profile === "object" && profile !== null &&
    !Array.isArray(profile) &&
    Object.values(profile).every((value) => typeof value === "string");
}

/** Whether `.env` in the working directory may set a tdauth variable. */
function dotenvMatters(): boolean {
  try {
    // Of UTF-16 without its mark a zero byte is left beside each letter.
    return /TD_|\0/.test(readTextIfThere(".env") ?? "");
  } catch (error) {
    // Python's virtual environments are directories of that name.
    return !(error instanceof UnfitFile && error.is === "directory");
  }
}

/** The commands that scripts and prompts call all the time, by the files of their definitions. */
export const DAILY = {
  token: "cli/commands/token",
  header: "cli/commands/header",
  status: "cli/commands/status/command",
  exec: "cli/commands/exec/command",
} as const;

/** Answers without the whole program; `undefined` when only that can. */
async function answer(args: readonly string[]): Promise<Answer | undefined> {
  const [name, ...more] = args;
  if (name === "--version" && more.length === 0) {
    const version = await ifThere("cli/grammar/version");
    return version && { out: `${version.PROGRAM}\n` };
  }
  const asText = realEnv("TD_JSON") === undefined;
  if (name === "token" && more.length === 0 && asText) {
    const token = quickToken();
    if (token !== undefined) return { out: `${token}\n` };
    return await (await ifThere("cli/daily/cached_token"))?.cachedToken();
  }
  if (name === "complete") {
    const part = await ifThere("cli/commands/complete/answer");
    const out = await part?.answerTab(more, realEnv);
    return out === undefined ? undefined : { out };
  }
  if (!args.some((word) => Object.hasOwn(DAILY, word))) return undefined;
  const daily = await ifThere("cli/daily/daily_command");
  return await daily?.dailyCommand(
    args,
    (word) =>
      Object.hasOwn(DAILY, word)
        ? ifThere(DAILY[word as keyof typeof DAILY])
        : undefined,
  );
}

/** Writes all of a text. */
function write(stream: typeof Deno.stdout, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) {
    at += stream.writeSync(bytes.subarray(at));
  }
}

/** Writes an answer; returns whether that worked. */
function written({ out, err = "" }: Answer): boolean {
  try {
    write(Deno.stderr, err);
    write(Deno.stdout, out);
    return true;
  } catch {
    return false;
  }
}

/** Runs the command; a part of it may have to be fetched, for example by a job with another home directory. */
async function main(): Promise<number> {
  try {
    const answered = await answer(Deno.args);
    // Output that cannot be written is reported, or not, by the whole program.
    return answered !== undefined && written(answered)
      ? answered.code ?? 0
      : await (await load("cli/main")).main();
  } catch (error) {
    const { missingPackage } = await import("./src/base/missing_package.ts");
    const missing = missingPackage(error);
    if (missing === undefined) throw error;
    const { message, hint } = missing;
    write(Deno.stderr, `tdauth: c${message.slice(1)}\nhint: ${hint}\n`);
    return 5;
  }
}

// Faster than an end without it, which takes the runtime apart.
if (import.meta.main) Deno.exit(await main());
