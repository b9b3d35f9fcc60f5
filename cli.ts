/**
 * The `tdauth` command. It answers `tdauth token` from the cache itself, and
 * loads the rest of the program for everything else.
 *
 * @module
 */
import {
  isAbsolute,
  platformConfigDir,
  tokenFileName,
} from "./src/system/config_dir.ts";
import {
  type Env,
  realEnv,
  realEnvironment,
} from "./src/system/environment.ts";

export type { Env };

/** Not a literal below: the runtime would load the whole program's graph before the first line runs. */
const PROGRAM = "./src/cli/main.ts";

/** Variables that the shortcut supports, or that do not affect a cached token; any other needs the full program. */
const USUAL = [
  "TD_CONFIG_DIR",
  "TD_PROFILE",
  "TD_CONSUMER_KEY",
  "TD_CONSUMER_SECRET",
  "TD_CALLBACK_URL",
  "TD_ACCESS_TOKEN",
  "TD_ACCESS_TOKEN_EXPIRES_AT",
];

/**
 * Answers `tdauth token` from the cache in the common case, at the runtime's own
 * speed: it repeats, in few lines and few files, what `resolveSettings()` and
 * `parseTokens()` do in full, because loading those takes longer than reading the
 * token. Anything unusual, including errors, is left to the full program. A
 * property test keeps the two in agreement.
 *
 * @param args The command's arguments.
 * @param env The environment.
 * @param all All of its variables.
 * @returns The token, or `undefined` when the full program must answer.
 */
export function quickToken(
  args: readonly string[],
  env: Env = realEnv,
  all: () => Readonly<Record<string, string | undefined>> | undefined =
    realEnvironment,
): string | undefined {
  if (args.length !== 1 || args[0] !== "token") return undefined;
  try {
    const variables = all();
    if (variables === undefined) return undefined;
    for (const [name, value] of Object.entries(variables)) {
      if (/^TD_/i.test(name) && value && !USUAL.includes(name)) {
        return undefined;
      }
    }
    if (dotenvMatters()) return undefined;
    const named = env("TD_CONFIG_DIR");
    const directory = named ?? platformConfigDir(env) ?? "";
    if (!isAbsolute(directory)) return undefined;
    const profile = env("TD_PROFILE") ?? "default";
    const settings =
      JSON.parse(Deno.readTextFileSync(`${directory}/config.json`))
        .profiles[profile];
    const { consumerKey, provider, seal } = settings;
    if (seal !== undefined) return undefined;
    if (typeof consumerKey !== "string" || consumerKey.trim() !== consumerKey) {
      return undefined;
    }
    if ((env("TD_CONSUMER_KEY") ?? consumerKey) !== consumerKey) {
      return undefined;
    }
    const file = JSON.parse(
      Deno.readTextFileSync(
        `${directory}/${tokenFileName(consumerKey, profile)}`,
      ),
    );
    const { token, access_time, expires_in } = file.access_token;
    const now = Date.now() / 1000;
    const usable = typeof token === "string" && token !== "" &&
      typeof access_time === "number" && typeof expires_in === "number" &&
      access_time <= now && access_time + expires_in - now > 60 &&
      (file.version ?? 1) === 1 && file.sealed === undefined &&
      typeof provider === "string" &&
      (file.provider ?? provider) === provider &&
      (file.consumer_key ?? consumerKey) === consumerKey;
    return usable ? token : undefined;
  } catch {
    return undefined;
  }
}

/** Whether `.env` in the working directory may set a tdauth variable. */
function dotenvMatters(): boolean {
  try {
    return Deno.readTextFileSync(".env").includes("TD_");
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}

/** Loads the full program, which may have to be fetched, for example by a job with another home directory. */
async function fullProgram(): Promise<() => Promise<number>> {
  try {
    return (await import(new URL(PROGRAM, import.meta.url).href)).main;
  } catch (error) {
    const missing = (await import("./src/base/missing_package.ts"))
      .missingPackage(
        error,
      );
    if (missing === undefined) throw error;
    const { message, hint } = missing;
    Deno.stderr.writeSync(
      new TextEncoder().encode(
        `tdauth: c${message.slice(1)}\nhint: ${hint}\n`,
      ),
    );
    Deno.exit(5);
  }
}

if (import.meta.main) {
  const token = quickToken(Deno.args);
  if (token === undefined) {
    const main = await fullProgram();
    Deno.exit(await main());
  }
  try {
    Deno.stdout.writeSync(new TextEncoder().encode(`${token}\n`));
  } catch {
    // The full program decides whether and how to report it.
    const main = await fullProgram();
    Deno.exit(await main());
  }
}
