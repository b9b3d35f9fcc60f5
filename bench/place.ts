import { fileURLToPath } from "node:url";
import { AccessToken, DiskCache, RefreshToken } from "../mod.ts";
import { saveProfile } from "../src/settings/save_profile.ts";
import type { Place } from "./program.ts";
import { denoEnvironment } from "../tools/deno.ts";
import { StoredTokens } from "../src/cache/stored_tokens.ts";

/** The program that is measured. */
export const CLI: string = fileURLToPath(new URL("../cli.ts", import.meta.url));

/** The variables of the real environment that programs need to run. */
const NEEDED = ["PATH", "HOME", "TMPDIR", "SystemRoot"];

/** A place with a logged-in profile. */
export interface BenchPlace extends Place, Disposable {
  /** The directory of all of it. */
  readonly directory: string;
  /** The configuration directory. */
  readonly configDir: string;
  /** The token file. */
  readonly tokenFile: string;
}

/** The access token in it, of the length of Schwab's. */
export const TOKEN = "ACCESS".repeat(12);

/** Creates a temporary directory with settings, cached valid tokens, and an empty working directory. */
export async function benchPlace(): Promise<BenchPlace> {
  const directory = Deno.makeTempDirSync({ prefix: "tdauth_bench_" });
  const settings = `${directory}/settings`;
  saveProfile(settings, "default", {
    provider: "schwab",
    consumerKey: "BENCH",
    consumerSecret: "S",
    callbackUrl: "https://127.0.0.1:8182",
  });
  await new StoredTokens(new DiskCache(settings, "BENCH")).save({
    accessToken: new AccessToken({ token: TOKEN, expiresIn: 86_400 }),
    refreshToken: new RefreshToken({ token: "REFRESH", expiresIn: 604_800 }),
    provider: "schwab",
  }, "refresh");
  const cwd = `${directory}/work`;
  Deno.mkdirSync(cwd);
  const kept = NEEDED.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    directory,
    configDir: settings,
    tokenFile: `${settings}/BENCH`,
    cwd,
    env: {
      ...denoEnvironment(),
      ...Object.fromEntries(kept),
      TD_CONFIG_DIR: settings,
      GH_CONFIG_DIR: `${directory}/gh`,
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1",
    },
    [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }),
  };
}
