import type { DailyPlace, PlaceName } from "./daily_places.ts";
import { TOKEN } from "./place.ts";
import config from "../deno.json" with { type: "json" };

/** How a program is started. */
export type Runtime = "run" | "compiled";

/** A command that scripts call all the time. */
export interface DailyCommand {
  /** What the table calls it; of a command with several rows also how tdauth is set up. */
  readonly name: string;
  /** The arguments of `tdauth`. */
  readonly args: readonly string[];
  /** Where it runs. @default {"profile"} */
  readonly place?: PlaceName;
  /** What it must print. */
  readonly expected: string | ((text: string, place: DailyPlace) => boolean);
  /** How many times an empty program's time it may take. @default {no target: it is for the record} */
  readonly most?: Readonly<Record<Runtime, number>>;
  /** How many times an empty program's memory it may take. @default {no target} */
  readonly memory?: number;
  /** What the picture calls it; the README's table has it, too. @default {it is in neither} */
  readonly label?: string;
}

const PRINTED = `${TOKEN}\n`;
const token = { args: ["token"], expected: PRINTED };

/** All of them, with their targets. */
export const DAILY_COMMANDS: readonly DailyCommand[] = [
  {
    name: "`token` from a profile",
    ...token,
    most: { run: 1.15, compiled: 1.05 },
    memory: 1.1,
    label: "token",
  },
  {
    name: "`token`, settings from the environment",
    ...token,
    place: "environment",
    most: { run: 1.3, compiled: 1.2 },
    label: "token, environment",
  },
  {
    name: "`token`, settings from `.env`",
    ...token,
    place: "dotenv",
    most: { run: 1.3, compiled: 1.2 },
  },
  {
    name: "`token`, `TD_PROVIDER` beside a profile",
    ...token,
    place: "provider",
    most: { run: 1.3, compiled: 1.2 },
  },
  {
    name: "`token`, `TD_STORE_TOKENS` beside a profile",
    ...token,
    place: "storeTokens",
    most: { run: 1.3, compiled: 1.2 },
  },
  {
    name: "`token` from a file that pyTD wrote",
    ...token,
    place: "pytd",
    most: { run: 1.3, compiled: 1.2 },
  },
  {
    name: "`token` sealed by a key",
    ...token,
    place: "sealed",
    most: { run: 2, compiled: 1.4 },
    label: "token, sealed by a key",
  },
  {
    name: "`header`",
    args: ["header"],
    expected: `Authorization: Bearer ${TOKEN}\n`,
    most: { run: 1.6, compiled: 1.25 },
    label: "header",
  },
  {
    name: "`status --json`",
    args: ["status", "--json"],
    expected: isStatusReport,
    most: { run: 1.6, compiled: 1.25 },
  },
  {
    name: "`status`",
    args: ["status"],
    expected: (text, { tokenFile }) =>
      text.includes(tokenFile) && /Access token .* valid for /.test(text),
    most: { run: 1.6, compiled: 1.25 },
    label: "status",
  },
  {
    name: "`exec -- true`",
    args: ["exec", "--", "true"],
    expected: "",
    most: { run: 1.9, compiled: 1.25 },
    label: "exec -- true",
  },
  {
    name: "`--version`",
    args: ["--version"],
    expected: `tdauth ${config.version}\n`,
    most: { run: 1.2, compiled: 1.1 },
  },
  {
    name: '`complete -- ""`',
    args: ["complete", "--", ""],
    expected: completes("token", "status"),
    most: { run: 1.8, compiled: 1.4 },
    label: "Tab",
  },
  {
    name: "`complete -- status --`",
    args: ["complete", "--", "status", "--"],
    expected: completes("--fail-within", "--json"),
    most: { run: 1.8, compiled: 1.4 },
  },
  {
    name: "`token --verbose`",
    args: ["token", "--verbose"],
    expected: PRINTED,
  },
  {
    name: "`--help`",
    args: ["--help"],
    expected: (text) => text.startsWith("Usage: tdauth"),
    label: "--help",
  },
];

/** Whether `status --json` tells of this place's tokens. */
function isStatusReport(text: string, { tokenFile }: DailyPlace): boolean {
  const { profile, provider, access_token, login_needed, cache } = JSON.parse(
    text,
  );
  return profile === "default" && provider === "schwab" &&
    access_token?.valid === true && login_needed === false &&
    cache === tokenFile;
}

/** Checks that a shell would be offered these words. */
function completes(...words: readonly string[]): (text: string) => boolean {
  return (text) =>
    words.every((word) => `\n${text}`.includes(`\n${word}\t`)) &&
    text.endsWith("\n:nothing\n");
}
