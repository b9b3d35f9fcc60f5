import { PRESETS } from "../../../providers/presets.ts";
import { SETTING_NAMES, settingRow } from "../../../settings/setting_table.ts";
import { helpText, VARIABLES } from "../../../settings/variable_table.ts";
import { EXIT } from "../../terminal/exit_code.ts";
import {
  type FlagLine,
  flagLines,
  globalFlagLines,
  helpLine,
  written,
} from "../../grammar/flag_lines.ts";
import {
  isBelow,
  type NamedCommand,
  usageOf,
} from "../../grammar/named_command.ts";
import { VERSION } from "../../grammar/version.ts";

/** When the page was last reviewed; the date is not updated automatically. */
const DATE = "2026-11-23";

/** What each exit code means. */
const EXITS: Readonly<Record<keyof typeof EXIT, string>> = {
  done: "Done.",
  failed: "Any other failure.",
  usage: "Invalid usage or settings.",
  loginNeeded:
    "A login is needed: run tdauth login. Also if status --fail-within applies.",
  loginNotCompleted:
    "The login was not completed: denied, timed out or cancelled.",
  unavailable:
    "The broker could not be reached, or returned a temporary error. Stored tokens are kept.",
  busy:
    "Another process holds the lock on the same tokens, and did not release it in time.",
};

const FILES: readonly (readonly [string, string])[] = [
  [
    "~/.config/tdauth/config.json",
    "The profiles, with their apps' secrets; readable only by its owner.",
  ],
  [
    "~/.config/tdauth/CONSUMER_KEY",
    "The default profile's tokens, unencrypted, unless sealed with tdauth configure --seal; other profiles' files begin with the profile's name and a dot.",
  ],
  [
    "~/Library/Application Support/tdauth, %APPDATA%\\tdauth",
    "The directory on macOS and on Windows.",
  ],
  [".env", "Its TD_ lines are read from the working directory."],
];

const EXAMPLES: readonly (readonly [string, string])[] = [
  [
    "Set up, log in, and see when the next login is due:",
    "tdauth configure && tdauth login && tdauth status",
  ],
  [
    "Send a request to the broker's API:",
    "tdauth fetch '/marketdata/v1/quotes?symbols=AAPL'",
  ],
  [
    "Run a script with a token that is valid for at least ten minutes:",
    "tdauth exec --min-valid 10m -- python3 report.py",
  ],
  [
    "Warn a day before the next login is due, from cron:",
    "tdauth status --fail-within 24h",
  ],
];

/**
 * Generates the manual page from the definitions of the commands.
 *
 * @param commands All commands.
 * @returns The page in roff, with the macros of man(7).
 */
export function manPage(commands: readonly NamedCommand[]): string {
  const section = (title: string, ...lines: string[]) => [
    `.SH ${title}`,
    ...lines,
  ];
  return [
    '.\\" Generated from the definitions of the commands; do not edit.',
    `.TH TDAUTH 1 ${DATE} "tdauth ${VERSION}" "User Commands"`,
    ".nh", // names of flags and variables stay whole
    ...section("NAME", "tdauth \\- OAuth access tokens for brokerage accounts"),
    ...section(
      "SYNOPSIS",
      ".B tdauth",
      "[\\fIoptions\\fR] \\fIcommand\\fR [\\fIarguments\\fR]",
    ),
    ...section(
      "DESCRIPTION",
      prose(
        `tdauth logs you in to ${brokers()} in your browser, stores the tokens, refreshes them before they expire, and tells you before you have to log in again. Data goes to standard output, everything else to standard error.`,
      ),
    ),
    ...section(
      "OPTIONS",
      prose("All commands accept these."),
      ...[...globalFlagLines(), helpLine()].flatMap(flag),
    ),
    ...section(
      "COMMANDS",
      ...inOrder(commands).flatMap((command) => [
        `.SS "${text(title(command, commands))}"`,
        prose(command.description),
        ...Object.entries(command.args).flatMap(([name, arg]) => [
          ".TP",
          `\\fI${text(arg.value ?? name)}\\fR`,
          prose(arg.help),
        ]),
        ...flagLines(command).filter(({ hidden }) => !hidden).flatMap(flag),
        ...literal("Example:", command.example),
      ]),
    ),
    ...section(
      "ENVIRONMENT",
      prose(
        "Flags override environment variables, which override .env, which overrides the profile in config.json.",
      ),
      ...[
        ...SETTING_NAMES.map(settingRow).map((row) =>
          [row.variable, helpText(row)] as const
        ),
        ...Object.entries(VARIABLES).map(([variable, row]) =>
          [variable, helpText(row)] as const
        ),
      ].flatMap(entry),
    ),
    ...section("FILES", ...FILES.flatMap(entry)),
    ...section(
      "EXIT STATUS",
      ...Object.entries(EXIT).flatMap(([name, code]) =>
        entry([`${code}`, EXITS[name as keyof typeof EXIT]])
      ),
      ".PP",
      prose("tdauth exec returns the exit code of its command."),
    ),
    ...section(
      "EXAMPLES",
      ...EXAMPLES.flatMap(([why, example]) => literal(why, example)).slice(1), // a section begins a paragraph
    ),
    ...section(
      "SECURITY",
      prose(
        "The app's secret, and the tokens unless tdauth configure --seal encrypts them, are stored unencrypted in files that only you can read. Every program you run can read them, and so can root and anyone with a copy of an unencrypted disk or backup. Only token, header, exec and export hand tokens out; no other command, message or log shows one. Never send token files, or the address that a login ended at, to anyone.",
      ),
    ),
    ...section("SEE ALSO", ".BR curl (1),", ".BR cron (8)"),
  ].join("\n") + "\n";
}

/** The brokers that accept logins, then the others. */
function brokers(): string {
  const named = (open: boolean) =>
    PRESETS.filter(({ provider }) => (provider().closed === undefined) === open)
      .map(({ name }) => name).join(", ");
  return `${named(true)} (or, by protocol, ${
    named(false)
  }, or any OpenID issuer)`;
}

/** The commands in the help's order: group by group, those of a command after it. */
function inOrder(all: readonly NamedCommand[]): NamedCommand[] {
  const groups = new Set(all.map(({ group }) => group));
  return [...groups].filter((group) => group !== undefined)
    .flatMap((group) => all.filter((one) => one.group === group))
    .flatMap((one) => [
      one,
      ...all.filter(({ name }) => isBelow(name, one.name)),
    ]);
}

/** `tdauth cert show [options]` */
function title(command: NamedCommand, all: readonly NamedCommand[]): string {
  const isGroup = all.some(({ name }) => isBelow(name, command.name));
  return `tdauth ${command.name} ${usageOf(command, isGroup)}`;
}

function flag(line: FlagLine): string[] {
  return entry([written(line), line.help]);
}

function entry([term, meaning]: readonly [string, string]): string[] {
  return [".TP", `.B "${text(term)}"`, prose(meaning)];
}

function literal(why: string, example: string): string[] {
  const lines = example.split("\n").map(text);
  return [".PP", prose(why), ".PP", ".RS 2", ".nf", ...lines, ".fi", ".RE"];
}

/** As {@linkcode text}, in lines of at most 76 characters, each sentence on new ones. */
function prose(plain: string): string {
  return text(plain).replace(/\. (?=[A-Z])/g, ".\n")
    .replace(/(?=[^\n]{77})([^\n]{1,76}) /g, "$1\n")
    .replace(/^\./gm, "\\&.");
}

/** Escapes a text for roff. */
function text(plain: string): string {
  const names: Readonly<Record<string, string>> = {
    "\\": "\\e",
    "-": "\\-",
    "'": "\\(aq",
    '"': "\\(dq",
    "`": "\\(ga",
    "^": "\\(ha",
    "~": "\\(ti",
  };
  return plain.replace(/[\\\-'"`^~]/g, (one) => names[one] ?? one)
    .replace(/^\./gm, "\\&.");
}
