/** What goes on beside a process that is killed: locks that are held, a disk that is full. */
import { fileURLToPath } from "node:url";
import type { Sandbox } from "../src/sandbox/mod.ts";
import { prepare } from "../src/client/context.ts";
import { DiskCache } from "../mod.ts";
import { StoredTokens } from "../src/cache/stored_tokens.ts";
import { denoProcess } from "./deno.ts";
import { FILLER } from "./torture_filler.ts";

const CHILD = fileURLToPath(new URL("torture_child.ts", import.meta.url));

/** What is odd about the place where a process is killed. */
export interface Place {
  /** What the table calls it. */
  readonly name: string;
  /** The directory that it is in. @default {that of temporary files} */
  readonly in?: string;
  /** Whether its tokens are sealed. */
  readonly sealed?: true;
  /** What another process does meanwhile: it takes the locks, or fills the disk, in turns. */
  readonly beside?: "lock" | "fill";
}

/** The variable with the key of sealed tokens. */
export const KEY = "TD_CACHE_KEY";

/**
 * Returns the store of the tokens, as a command finds it.
 *
 * @param broker The broker.
 * @param directory The configuration directory.
 */
export async function storeOf(
  broker: Pick<Sandbox, "app" | "url">,
  directory: string,
): Promise<StoredTokens> {
  const { cache } = await prepare({
    ...broker.app,
    provider: "schwab",
    sandbox: broker.url,
    configDir: directory,
    interactive: false,
    log: () => {},
  });
  return cache;
}

/**
 * Seals the stored tokens, with a key in the environment of all that follow.
 *
 * @param broker The broker.
 * @param directory The configuration directory.
 */
export async function sealStored(
  broker: Sandbox,
  directory: string,
): Promise<void> {
  const { consumerKey, callbackUrl } = broker.app;
  const file = new DiskCache(directory, consumerKey);
  const tokens = await new StoredTokens(file).load();
  Deno.removeSync(file.path);
  const profile = {
    provider: "schwab",
    sandbox: broker.url,
    consumerKey,
    callbackUrl,
    seal: "key",
  };
  Deno.writeTextFileSync(
    `${directory}/config.json`,
    JSON.stringify({ version: 1, profiles: { default: profile } }),
    { mode: 0o600 },
  );
  if (!Deno.env.has(KEY)) {
    const key = crypto.getRandomValues(new Uint8Array(32));
    Deno.env.set(KEY, btoa(String.fromCharCode(...key)));
  }
  await (await storeOf(broker, directory)).save(tokens, "login");
  if (!isSealed(file.path)) throw new Error("The tokens are not sealed");
}

/** Whether a file has sealed tokens and no others. */
export function isSealed(path: string): boolean {
  const { sealed, access_token } = JSON.parse(Deno.readTextFileSync(path));
  return typeof sealed === "string" && (access_token ?? null) === null;
}

/**
 * Starts what goes on beside.
 *
 * @param what What it is.
 * @param directory The configuration directory.
 * @param file The token file's name.
 * @returns What ends it.
 */
export async function startBeside(
  what: "lock" | "fill",
  directory: string,
  file: string,
): Promise<AsyncDisposable> {
  const child = denoProcess(["run", "-A", CHILD, what, directory, file], {
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  // It has done it once: the premise of what follows.
  const reader = child.stdout.getReader();
  if ((await reader.read()).done) throw new Error(`It ended: ${what}`);
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
      try {
        Deno.removeSync(`${directory}/${FILLER}`, { recursive: true });
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    },
  };
}
