/** Runs checks side by side and keeps what each prints together. */
import { denoProcess } from "../deno.ts";
import type { Check } from "./checks.ts";

/** How a check ended. */
export interface Outcome {
  readonly check: Check;
  readonly passed: boolean;
  /** What it printed, standard output first. */
  readonly output: string;
  readonly seconds: number;
}

/**
 * Runs every check, whatever the others say.
 *
 * @param checks The checks, those that take longest first.
 * @param atOnce How many run at a time.
 * @param ended Called with each as it ends.
 * @returns How each ended, in the order of `checks`.
 */
export async function runChecks(
  checks: readonly Check[],
  atOnce: number,
  ended: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const outcomes = new Map<Check, Outcome>();
  const waiting = checks.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const check of waiting) {
        const outcome = await run(check);
        outcomes.set(check, outcome);
        ended(outcome);
      }
    }),
  );
  return checks.flatMap((check) => outcomes.get(check) ?? []);
}

async function run(check: Check): Promise<Outcome> {
  const [, subcommand = "", ...args] = check.command.split(" ");
  const start = performance.now();
  const { success, stdout, stderr } = await denoProcess([subcommand, ...args], {
    cwd: new URL("../../", import.meta.url),
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return {
    check,
    passed: success,
    output: `${decoder.decode(stdout)}${decoder.decode(stderr)}`.trim(),
    seconds: (performance.now() - start) / 1000,
  };
}
