import { SECRET_VARIABLES } from "../settings/variable_table.ts";
import { childEnvironment } from "../system/child_environment.ts";
import { runGroup } from "../system/run_group.ts";
import {
  isDenied,
  isNotFound,
  isNotPermitted,
} from "../system/system_error.ts";
import type { HookEvent } from "./hook_event.ts";
import { HOOK_LIMIT, type HookOutcome } from "./hook_outcome.ts";
import type { HookText } from "./hook_text.ts";

/** How much of each output is kept for the error, in bytes. */
const LONGEST_OUTPUT = 2000;

/**
 * Runs the program of a hook: with the user's environment, without the secrets of
 * tdauth, and with the event, which is on its stdin as JSON as well.
 *
 * @param run The program and its arguments.
 * @param event The event.
 * @param text The event in words.
 * @param signal Kills it.
 * @returns How it ended.
 */
export async function runHook(
  [program, ...args]: readonly [string, ...string[]],
  event: HookEvent,
  text: HookText,
  signal: AbortSignal | undefined,
): Promise<HookOutcome> {
  const { profile, provider, due } = event;
  try {
    const { code, stdout, stderr, timedOut } = await runGroup({
      program,
      args,
      input: `${JSON.stringify({ ...event, due: due ?? null, ...text })}\n`,
    }, {
      environment: childEnvironment("command", {
        secrets: SECRET_VARIABLES,
        set: {
          TDAUTH_EVENT: event.event,
          TDAUTH_PROFILE: profile,
          TDAUTH_PROVIDER: provider,
          TDAUTH_DUE: due === undefined ? "" : String(Math.floor(due)),
          TDAUTH_TITLE: text.title,
          TDAUTH_MESSAGE: text.message,
          // So that a hook which is tdauth itself is about the same account.
          TD_PROFILE: profile,
        },
      }),
      limit: HOOK_LIMIT,
      longest: LONGEST_OUTPUT,
      signal,
    });
    if (code === 0) return { ok: true };
    return {
      ok: false,
      why: timedOut
        ? `it took longer than ${HOOK_LIMIT / 1000} seconds, and was killed`
        : signal?.aborted
        ? "it was interrupted"
        : code < 0
        ? "a signal ended it"
        : `exit code ${code}`,
      output: [stderr, stdout].map((one) => one.trim())
        .find((one) => one !== ""),
    };
  } catch (error) {
    return { ok: false, why: whyNotRun(error, signal) };
  }
}

function whyNotRun(error: unknown, signal: AbortSignal | undefined): string {
  return signal?.aborted
    ? "it was interrupted"
    : isNotFound(error)
    ? "there is no such program"
    : isDenied(error)
    ? "it is not executable"
    : isNotPermitted(error)
    ? "this program lacks the permission (--allow-run)"
    : "the system cannot start it";
}
