import type { AuthorizeOptions } from "../../authorize_options.ts";
import { type Context, prepare, type PrepareOptions } from "../../context.ts";
import { profileNote } from "../../settings/dotenv_trust.ts";
import {
  resolveSettings,
  type Settings,
  type SettingsOptions,
  type SettingTexts,
} from "../../settings/settings.ts";
import { ask } from "../terminal/ask.ts";
import { buildParser } from "../grammar/parser.ts";
import type { Io } from "../terminal/io.ts";
import { type Style, styleOf } from "../terminal/style.ts";

/** The flags that every command takes. */
export interface GlobalFlags {
  /** `--profile NAME` */
  readonly profile?: string;
  /** `--provider NAME|ISSUER_URL` */
  readonly provider?: string;
  /** `--config-dir DIR` */
  readonly configDir?: string;
  /** `--json` */
  readonly json?: boolean;
  /** `--verbose` */
  readonly verbose?: boolean;
}

/** What a command works with. */
export interface Command<Flags extends GlobalFlags = GlobalFlags> {
  /** The world around it. */
  readonly io: Io;
  /** Its flags, and the program's. */
  readonly flags: Flags;
  /** What it was given besides flags, in order. */
  readonly args: readonly string[];
}

/** Whether the output is one JSON value: by `--json` or `TD_JSON`. */
export function wantsJson({ io, flags }: Command): boolean {
  return flags.json ?? isOn(io.env("TD_JSON"));
}

/** Whether causes are told: by `--verbose` or `TD_VERBOSE`. */
export function isVerbose({ io, flags }: Command): boolean {
  return flags.verbose ?? isOn(io.env("TD_VERBOSE"));
}

function isOn(text: string | undefined): boolean {
  return text !== undefined && !/^(0|false|no|off)$/i.test(text);
}

/** The style of one of the outputs. */
export function style(command: Command, output: "out" | "err"): Style {
  return styleOf(command.io, output, wantsJson(command));
}

/** Where settings are looked for, by a command. */
export function settingsOptions(
  command: Command,
  given: SettingTexts = {},
): SettingsOptions {
  const { profile, provider, configDir } = command.flags;
  return {
    given: {
      ...(profile !== undefined && { profile }),
      ...(provider !== undefined && { provider }),
      ...(configDir !== undefined && { configDir }),
      ...given,
    },
    givenAs: "flag",
    env: command.io.env,
  };
}

/**
 * Finds the settings of a command that gets no tokens.
 *
 * @param command The command, whose user is told of a profile that `.env` chose.
 * @param given Settings from flags of its own.
 * @returns The settings.
 * @throws {TdauthError} `invalid_options` when a setting is wrong.
 */
export async function commandSettings(
  command: Command,
  given: SettingTexts = {},
): Promise<Settings> {
  const settings = await resolveSettings(settingsOptions(command, given));
  const note = profileNote(settings);
  if (note !== undefined) command.io.err(`tdauth: ${note}\n`);
  return settings;
}

/**
 * Finds what a command needs to get tokens.
 *
 * @param command The command.
 * @param given Settings from flags of its own.
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

/** Writes a value as JSON to stdout. */
export function writeJson(io: Io, value: unknown): void {
  io.out(JSON.stringify(value, undefined, 2) + "\n");
}

/** Commands that are about no account. */
const NO_ACCOUNT: readonly string[] = ["sandbox", "completions", "man", "help"];

/** A text that names the next command, for the profile that the present one is for. */
export function ofProfile({ io, flags }: Command, text: string): string {
  const profile = flags.profile ?? io.env("TD_PROFILE") ?? "default";
  if (profile === "default" || !text.includes("tdauth ")) return text;
  const parser = buildParser(io);
  const names = parser.createHelp().visibleCommands(parser)
    .filter((command) => !NO_ACCOUNT.includes(command.name()))
    .flatMap((command) =>
      command.commands.length === 0
        ? [command.name()]
        : command.commands.map((own) => `${command.name()} ${own.name()}`)
    );
  return text.replace(
    new RegExp(
      `\\btdauth (${names.join("|")})\\b(?! --(?:profile|help|all)\\b)`,
      "g",
    ),
    (command) => `${command} --profile ${profile}`,
  );
}
