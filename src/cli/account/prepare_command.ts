import type { AuthorizeOptions } from "../../client/authorize_options.ts";
import {
  type Context,
  prepare,
  type PrepareOptions,
} from "../../client/context.ts";
import { profileNote } from "../../settings/dotenv_trust.ts";
import {
  resolveSettings,
  type Settings,
  type SettingsOptions,
  type SettingTexts,
} from "../../settings/settings.ts";
import type { Command } from "../grammar/command.ts";
import { ask } from "../terminal/ask.ts";
import { isVerbose, style } from "../terminal/output.ts";

/** Where settings are looked for, by a command; `given` goes before its flags. */
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
 * @param command The command, whose user is told of a profile that `.env` chose.
 * @returns The settings.
 * @throws {TdauthError} `invalid_options` when a setting is wrong.
 */
export async function commandSettings(command: Command): Promise<Settings> {
  const settings = await resolveSettings(settingsOptions(command));
  const note = profileNote(settings);
  if (note !== undefined) command.io.err(`tdauth: ${note}\n`);
  return settings;
}

/**
 * Finds what a command needs to get tokens.
 *
 * @param command The command.
 * @param given Settings that go before those of its flags.
 * @param options More options.
 * @param where Where settings are looked for, as far as it is elsewhere than {@linkcode settingsOptions} says.
 * @returns The context.
 * @throws {TdauthError} `invalid_options` when a setting is wrong or there is no consumer key.
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
    ...(io.terminal.in && {
      askPassphrase: passphraseAsker(command),
      passphraseUsed: io.endPasting,
    }),
    ...where,
  });
}

/** Asks for the passphrase of sealed tokens, again when it did not fit; a new one twice, for nobody sees what is typed. */
function passphraseAsker(
  command: Command,
): (isNew: boolean) => Promise<string> {
  const { io } = command;
  const paint = style(command, "err");
  const hidden = (text: string) => ask(io, paint, { text, hidden: true });
  const note = (text: string) => io.err(`  ${paint.yellow(text)}\n`);
  let asked = false;
  return async (isNew) => {
    // Until the answer is used: between two questions somebody may type ahead.
    io.startPasting();
    if (!isNew) {
      if (asked) note("it does not fit");
      asked = true;
      return await hidden("Passphrase of the tokens (not shown)?");
    }
    while (true) {
      const passphrase = await hidden(
        "A new passphrase for the tokens (not shown)?",
      );
      if (await hidden("Once more?") === passphrase) return passphrase;
      note("these are two different ones");
    }
  };
}
