import { TdauthError } from "../../base/errors.ts";
import { shown } from "../../base/shown.ts";
import { keeperOf } from "../../client/keeper.ts";
import type { HookEvent } from "../../hooks/hook_event.ts";
import { hookText } from "../../hooks/hook_text.ts";
import { createNotifier } from "../../hooks/notifier.ts";
import { readHooks } from "../../hooks/read_hooks.ts";
import { resolveSettings, type Settings } from "../../settings/settings.ts";
import { loginDue, loginNeededIn, tokensOf } from "../../token/token.ts";
import type { Command } from "../grammar/command.ts";
import { EXIT, ExitWith, INTERRUPTED } from "../terminal/exit_code.ts";
import { isVerbose, style, wantsJson, writeJson } from "../terminal/output.ts";
import { type AppOfProfile, everyApp } from "./every_app.ts";
import { noHooks } from "./no_hooks.ts";
import { prepareCommand, settingsOptions } from "./prepare_command.ts";

const READ_ONLY = { readOnly: true };

/** What was seen of a profile. */
interface Looked {
  readonly profile: string;
  readonly provider: string;
  /** When the next login is due, in seconds since the epoch; `null` when that is unknown, or one is needed now. */
  readonly login_needed_at: number | null;
  readonly login_needed: boolean;
}

/**
 * Looks at every profile, or at the chosen one, and tells the hooks what is new.
 * It prints nothing unless something fails, because cron mails what is printed:
 * that a login is needed is for the hooks to say, and in the exit code.
 *
 * @param command The command.
 * @param within How long no login may be needed, in seconds.
 * @throws {ExitWith} With 3 when one is needed within that time.
 * @throws {TdauthError} `invalid_options` when there are no hooks or one is wrong;
 * the first error of a profile, once all were looked at.
 */
export async function notifyHooks(
  command: Command,
  within: number,
): Promise<void> {
  const { io } = command;
  const settings = await resolveSettings(settingsOptions(command));
  const hooks = readHooks(settings.configDir);
  if (hooks.length === 0) throw noHooks(settings.configDir);
  const apps = await appsOf(command, settings);
  const looked: Looked[] = [];
  const events: HookEvent[] = [];
  const failures: unknown[] = [];
  let isNeeded = false;
  const warn = (message: string) =>
    io.err(`${style(command, "err").yellow("warning:")} ${shown(message)}\n`);
  {
    await using notifier = createNotifier({
      hooks: () => hooks,
      directory: settings.tokenDir,
      log: (level, message) => {
        if (level === "warning" || isVerbose(command)) warn(message);
      },
      now: io.now,
      fetch: io.fetch,
      signal: io.signal,
      stays: false,
    });
    for (const { profile, context } of apps) {
      try {
        const { provider, cache, settings } = await context();
        const keeper = keeperOf(settings);
        if (keeper !== undefined) {
          // Its logins are another machine's, which tells of them.
          if (apps.length > 1) continue;
          throw keptElsewhere(keeper.name);
        }
        const tokens = tokensOf(await cache.load(), provider.id);
        const told = { profile, provider: provider.key, tokens };
        events.push(...await notifier.look(told));
        const left = loginNeededIn(tokens);
        const due = loginDue(tokens);
        isNeeded ||= left <= within;
        looked.push({
          profile,
          provider: provider.key,
          login_needed: left <= 0,
          login_needed_at: left > 0 && Number.isFinite(due) ? due : null,
        });
      } catch (error) {
        failures.push(error);
        if (apps.length === 1) continue; // it is thrown below
        warn(`profile ${profile}: ${messageOf(error)}`);
      }
    }
  }
  if (io.signal.aborted) throw new ExitWith(INTERRUPTED);
  if (failures.length > 0) throw failures[0];
  if (wantsJson(command)) writeJson(io, { events, profiles: looked });
  else if (io.terminal.out) io.out(screen(command, events));
  if (isNeeded) throw new ExitWith(EXIT.loginNeeded);
}

/** On a terminal the user wants to see that something has happened. */
function screen({ io }: Command, events: readonly HookEvent[]): string {
  if (events.length === 0) return "Nothing new to tell.\n";
  return events.map((event) => {
    const { title, message } = hookText(event, io.now());
    return `${event.event}: ${shown(`${title} (${message})`)}\n`;
  }).join("");
}

/** The chosen profile, or all of them. */
async function appsOf(
  command: Command,
  { sources, profile }: Settings,
): Promise<readonly AppOfProfile[]> {
  const one = {
    profile,
    context: () => prepareCommand(command, {}, {}, READ_ONLY),
  };
  // A stranger's .env chooses nothing here.
  if (sources.profile === "flag" || sources.profile === "environment") {
    return [one];
  }
  const apps = await everyApp(command, {}, READ_ONLY);
  return apps.length === 0 ? [one] : apps;
}

function keptElsewhere(keeper: string): TdauthError {
  return new TdauthError(
    "invalid_options",
    `Cannot tell the hooks: the tokens of this profile are kept by ${keeper}`,
    { hint: "write the hooks there, where its logins are known" },
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
