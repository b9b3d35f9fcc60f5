/** A fleet all of which waits for a refresh at the same moment. */
import assert from "node:assert/strict";
import { DiskCache } from "../../mod.ts";
import type { Result } from "../cli/process.ts";
import { opens } from "../cli/processes.ts";
import { holdTurn } from "../premise.ts";
import { putUpBarrier } from "./barrier.ts";
import { type Kind, start } from "./fleet.ts";
import type { Place } from "./place.ts";

const KINDS: readonly Kind[] = ["command", "script", "busy script"];

/** What is started. */
export interface WaitingFleetOptions {
  /** How many processes. */
  readonly processes: number;
  /** More of their environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** A compiled `tdauth` for the commands. @default {its source} */
  readonly executable?: string;
}

/**
 * Starts a fleet of mixed kinds while it is the test's own turn to refresh. When
 * every process waits for its turn, having found the token expired, they get it.
 *
 * @param place Where they find the token.
 * @param options What is started.
 * @returns How they ended.
 */
export async function runWaitingFleet(
  place: Place,
  { processes, env = {}, executable }: WaitingFleetOptions,
): Promise<Result[]> {
  const [directory = "", name = ""] = place.tokenPath.split(/\/(?=[^/]*$)/);
  const turn = await holdTurn(new DiskCache(directory, name), "refresh");
  await using gate = putUpBarrier();
  const kinds = Array.from(
    { length: processes },
    (_, index) => KINDS[index % KINDS.length] ?? "command",
  );
  // Loading takes longest: they do it before the first begins to wait, for none waits for ever.
  const compiled = (kind: Kind) =>
    kind === "command" && executable !== undefined;
  const loaded = kinds.filter((kind) => !compiled(kind)).map((kind) =>
    start(place, kind, { env: { ...env, BARRIER_PORT: String(gate.port) } })
  );
  await gate.release(loaded);
  const rest = kinds.filter(compiled).map((kind) =>
    start(place, kind, {
      env,
      ...(executable !== undefined && { executable }),
    })
  );
  const fleet = [...loaded, ...rest];
  await Promise.all(fleet.map((one) => opens(one, ".refresh.lock")));
  assert.deepEqual(
    [fleet.filter(({ ended }) => ended).length, place.asked()],
    [0, 0],
    "one process did not wait for its turn",
  );
  await turn.release();
  return await Promise.all(fleet.map(({ result }) => result));
}
