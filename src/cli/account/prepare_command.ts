import type { AuthorizeOptions } from "../../client/authorize_options.ts";
import {
  type Context,
  prepare,
  type PrepareOptions,
} from "../../client/context.ts";
import { dotenvNote } from "../../settings/dotenv_trust.ts";
import {
  resolveSettings,
  type Settings,
  type SettingsOptions,
  type SettingTexts,
} from "../../settings/settings.ts";
import { calledCommand } from "../grammar/called_command.ts";
import type { Command } from "../grammar/command.ts";
import { ask } from "../terminal/ask.ts";
import { isVerbose, style } from "../terminal/output.ts";

/** Where a command looks for settings; `given` overrides its flags. */
export function settingsOptions(
  command: Command,
  given: SettingTexts = {},
): SettingsOptions {
  return {
    given: { ...command.settings, ...given },
    givenAs: "flag",
    env: command.io.env,
  };
}

/**
 * Finds the settings of a command that gets no tokens.
 *
 * @param command The command; it notes a profile that `.env` chose.
 * @returns The settings.
 * @throws {TdauthError} `invalid_options` when a setting is wrong.
 */
export async function commandSettings(command: Command): Promise<Settings> {
  const settings = await resolveSettings(settingsOptions(command));
  const note = dotenvNote(settings);
  if (note !== undefined) command.io.err(`tdauth: ${note}\n`);
  return settings;
}

/**
 * Finds what a command needs to get tokens.
 *
 * @param command The command.
 * @param given Settings that override its flags.
 * @param options More options.
 * @param where Where to look for settings, if it differs from {@linkcode settingsOptions}.
 * @returns The context.
 * @throws {TdauthError} `invalid_options` when a setting is wrong or no app key is set.
 */
export function prepareCommand(
  command: Command,
  given: SettingTexts = {},
  options: AuthorizeOptions = {},
  where: PrepareOptions = {},
): Promise<Context> {
  const { io } = command;
  return prepare({
    now: io.now,
    fetch: io.fetch,
    signal: io.signal,
    log: (level, message) => {
      const shown = level === "warning" || level === "error" ||
        isVerbose(command);
      if (!shown) return;
      io.err(`tdauth: ${message.charAt(0).toLowerCase()}${message.slice(1)}\n`);
    },
    interactive: false,
    ...options,
  }, {
    ...settingsOptions(command, given),
    called: io.called,
    command: ["tdauth", calledCommand(io.args, command.commands) ?? ""].join(
      " ",
    )
      .trim(),
    ...(io.terminal.in && {
      askPassphrase: passphraseAsker(command),
      passphraseUsed: io.endPasting,
    }),
    ...where,
  });
}

/** Prompts for the passphrase of sealed tokens, again if it is wrong; for a new one twice, because typing is hidden. */
function passphraseAsker(
  command: Command,
): (isNew: boolean) => Promise<string> {
  const { io } = command;
  const paint = style(command, "err");
  const hidden = (text: string) => ask(io, paint, { text, hidden: true });
  const note = (text: string) => io.err(`  ${paint.yellow(text)}\n`);
  let asked = false;
  return async (isNew) => {
    if (!isNew) {
      if (asked) note("wrong passphrase");
      asked = true;
      return await hidden("Passphrase for the tokens (hidden)?");
    }
    while (true) {
      const passphrase = await hidden(
        "New passphrase for the tokens (hidden)?",
      );
      if (await hidden("Repeat the passphrase (hidden)?") === passphrase) {
        return passphrase;
      }
      note("the passphrases do not match");
    }
  };
}
