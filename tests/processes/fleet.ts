/** Many processes that want a token from the same place. */
import { fileURLToPath } from "node:url";
import { type Result, Running } from "../cli/process.ts";
import { openFiles } from "../cli/processes.ts";
import { putUpBarrier } from "./barrier.ts";
import type { Place } from "./place.ts";
import { deno } from "../../tools/deno.ts";

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The program's own: Deno 2.4.2 rewrites the tests' lock file, and without one looks for packages anew. */
const CONFIG = file("../../deno.json");
/** A process that refreshes, and one that waits for that, has this file open. */
const LOCK = ".refresh.lock";

/** What one process of the fleet is. */
export type Kind = "command" | "script" | "busy script";
const KINDS = ["command", "script", "busy script"] as const;

/** What of a place its processes need. */
type Start = Pick<Place, "env" | "cwd">;

/** How a process is started. */
export interface StartOptions {
  /** The Deno that runs it. @default {this one} */
  readonly deno?: string;
  /** More of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** A compiled `tdauth`, for commands that wait for no barrier. @default {its source} */
  readonly executable?: string;
  /** How many calls a script makes at once. @default {1, a busy one 20} */
  readonly calls?: number;
}

/** Starts one process: `tdauth token`, a script that calls `authorize()`, or one that does so 20 times at once. */
export function start(
  place: Start,
  kind: Kind,
  options: StartOptions = {},
): Running {
  const { env = {} } = options;
  const { calls = kind === "script" ? 1 : 20 } = options;
  const waits = "BARRIER_PORT" in env;
  const compiled = kind === "command" && !waits
    ? options.executable
    : undefined;
  const program = kind !== "command"
    ? [file("script_child.ts"), String(calls)]
    : [file(waits ? "command_child.ts" : "../../cli.ts"), "token"];
  const [path, ...args] = compiled === undefined
    ? deno("run", "-A", "--frozen", `--config=${CONFIG}`, ...program)
    : [compiled, "token"];
  return new Running(compiled ?? options.deno ?? path, {
    args,
    env: { ...place.env, ...env },
    cwd: place.cwd,
    killAfter: 300_000,
  });
}

/** What is started together. */
export interface FleetOptions {
  /** How many processes. */
  readonly processes: number;
  /** Whether they begin at the same moment, each loaded beforehand, or when they are started. */
  readonly barrier: boolean;
  /** The Denos that run them, in turn. @default {this one} */
  readonly denos?: readonly StartOptions[];
  /** Hears now and then how many of them are at the lock of a refresh; Linux alone tells. */
  readonly atLock?: (processes: number) => void;
}

/** Starts a fleet of mixed kinds and waits for all of it. */
export async function runFleet(
  place: Start,
  { processes, barrier, denos = [{}], atLock }: FleetOptions,
): Promise<Result[]> {
  await using gate = putUpBarrier();
  const fleet = Array.from({ length: processes }, (_, index) => {
    const { env, ...options } = denos[index % denos.length] ?? {};
    return start(place, KINDS[index % KINDS.length] ?? "command", {
      ...options,
      env: { ...env, ...(barrier && { BARRIER_PORT: String(gate.port) }) },
    });
  });
  if (barrier) await gate.release(fleet);
  while (atLock && fleet.some(({ ended }) => !ended)) {
    atLock(
      fleet.filter(({ pid, ended }) =>
        !ended && openFiles(pid).some((path) => path.endsWith(LOCK))
      ).length,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return await Promise.all(fleet.map(({ result }) => result));
}

/** What came of a fleet. */
export interface Outcome {
  /** Requests to the token endpoint. */
  readonly requests: number;
  /** Processes that ended well with one token that the server takes. */
  readonly valid: number;
  /** Different tokens that they printed. */
  readonly tokens: number;
}

/** Asks the server about every token that a fleet has printed. */
export async function outcomeOf(
  place: Place,
  results: readonly Result[],
): Promise<Outcome> {
  const taken = new Map<string, boolean>();
  let valid = 0;
  for (const { code, stdout } of results) {
    const token = stdout.trimEnd();
    if (!taken.has(token)) {
      taken.set(token, token !== "" && await place.takes(token));
    }
    if (code === 0 && taken.get(token)) valid++;
  }
  return { requests: place.asked(), valid, tokens: taken.size };
}

/**
 * What a process said besides that it waits for another: on a busy machine that
 * takes more than a second.
 *
 * @param stderr Its stderr.
 */
export function withoutWaits(stderr: string): string {
  return stderr.replace(/^tdauth: another process .*; waiting for it\n/gm, "");
}
