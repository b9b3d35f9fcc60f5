import { TdauthError } from "../../../base/errors.ts";
import { shown } from "../../../base/shown.ts";
import { deliver, hears, hookName } from "../../../hooks/deliver.ts";
import { oneLine } from "../../../hooks/delivery_queue.ts";
import {
  HOOK_EVENT_NAMES,
  type HookEvent,
  type HookEventName,
  isHookEventName,
} from "../../../hooks/hook_event.ts";
import type { Hook } from "../../../hooks/hook.ts";
import type { HookOutcome } from "../../../hooks/hook_outcome.ts";
import { readHooks } from "../../../hooks/read_hooks.ts";
import { configPath } from "../../../settings/config_file.ts";
import { commandSettings } from "../../account/prepare_command.ts";
import { noHooks } from "../../account/no_hooks.ts";
import type { Command } from "../../grammar/command.ts";
import { EXIT, ExitWith, INTERRUPTED } from "../../terminal/exit_code.ts";
import { style, wantsJson, writeJson } from "../../terminal/output.ts";

/** When the login of the example is due, in seconds from now. */
const DUE: Readonly<Record<HookEventName, number>> = {
  login_due: 86_400,
  login_needed: 0,
  logged_in: 604_800,
  refreshed: 604_800,
  refresh_failed: 86_400,
};

/** What became of a hook. */
interface Tested {
  readonly hook: Hook;
  readonly outcome: HookOutcome;
}

/**
 * Runs the hooks for an event with example data, and says of each what happened.
 * What was told before does not matter, and does not change.
 *
 * @param command The command.
 * @param name The event.
 * @throws {TdauthError} `invalid_options` when there is no such event, no hook for
 * it, or one is wrong.
 * @throws {ExitWith} With 1 when one has failed.
 */
export async function testHooks(command: Command, name: string): Promise<void> {
  const { io } = command;
  if (!isHookEventName(name)) {
    throw new TdauthError(
      "invalid_options",
      `Cannot test the hooks: there is no event "${name}"`,
      { hint: `the events are ${HOOK_EVENT_NAMES.join(", ")}` },
    );
  }
  const { configDir, profile, provider } = await commandSettings(command);
  const hooks = readHooks(configDir);
  if (hooks.length === 0) throw noHooks(configDir);
  const event: HookEvent = {
    event: name,
    profile,
    provider: provider ?? "example",
    due: Math.floor(io.now() / 1000) + DUE[name],
  };
  const chosen = hooks.filter((hook) => hears(hook, event));
  if (chosen.length === 0) throw noHooks(configDir, name);
  const tested: Tested[] = [];
  for (const hook of chosen) {
    const outcome = await deliver(hook, event, io);
    if (io.signal.aborted) throw new ExitWith(INTERRUPTED);
    tested.push({ hook, outcome });
    if (!wantsJson(command)) io.out(line(command, hook, outcome));
  }
  if (wantsJson(command)) writeJson(io, report(event, tested));
  const failed = tested.filter(({ outcome }) => !outcome.ok).length;
  if (failed === 0) return;
  throw new ExitWith(
    EXIT.failed,
    new TdauthError(
      "invalid_options",
      `Cannot tell everyone of ${name}: ${failed} of ${tested.length} hooks failed`,
      { hint: `fix them in "${configPath(configDir)}", and test again` },
    ),
  );
}

function line(command: Command, hook: Hook, outcome: HookOutcome): string {
  const { green, red } = style(command, "out");
  const name = shown(hookName(hook));
  if (outcome.ok) return `${green("ok")}      ${name}\n`;
  const output = outcome.output === undefined
    ? ""
    : `: ${oneLine(outcome.output)}`;
  return `${red("failed")}  ${name}: ${shown(outcome.why)}${output}\n`;
}

function report(event: HookEvent, tested: readonly Tested[]) {
  return {
    ...event,
    hooks: tested.map(({ hook, outcome }) => ({
      hook: hook.number,
      ok: outcome.ok,
      why: outcome.ok ? null : outcome.why,
      output: outcome.ok ? null : outcome.output ?? null,
    })),
  };
}
