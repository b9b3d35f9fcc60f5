/** The daily commands, and how many files each may take. */
import { DENO } from "../deno.ts";
import { type PlaceName, TOKEN } from "./places.ts";

/** A command line in a place. */
export interface Row {
  /** What it is, for people. */
  readonly name: string;
  /** Its words after `tdauth`. */
  readonly args: readonly string[];
  /** Where it runs. */
  readonly place: PlaceName;
  /** What it prints, or what that looks like. */
  readonly prints: string | RegExp;
  /** How many files of the project it loads: those whose code runs. */
  readonly loads: number;
  /**
   * How many files of the project the runtime reads for it: those that it loads,
   * and whatever a literal `import()` in one of them leads to, run or not.
   */
  readonly reads: number;
}

const PRINTED = `${TOKEN}\n`;

/** The numbers are exact, so that a file more is added on purpose. The brokers' files are not counted. */
export const ROWS: readonly Row[] = [
  ...([
    ["token from a profile", "profile", 6, 7],
    ["token from the environment", "environment", 28, 42],
    ["token from .env", "dotenv", 28, 42],
    ["token with TD_PROVIDER", "provider", 28, 42],
    ["token with TD_STORE_TOKENS", "store tokens", 28, 42],
    ["token from pyTD's file", "pytd", 28, 42],
    ["token sealed by a key", "sealed", 41, 42],
  ] as const).map(([name, place, loads, reads]) => ({
    name,
    args: ["token"],
    place,
    prints: PRINTED,
    loads,
    reads,
  })),
  {
    name: "token with TD_JSON",
    args: ["token"],
    place: "json",
    prints: new RegExp(`^\\{[^]*"access_token": "${TOKEN}"[^]*\\}\n$`),
    loads: 53,
    reads: 65,
  },
  {
    name: "header",
    args: ["header"],
    place: "profile",
    prints: `Authorization: Bearer ${PRINTED}`,
    loads: 53,
    reads: 65,
  },
  {
    name: "status",
    args: ["status"],
    place: "profile",
    prints: /access token.*valid/is,
    loads: 64,
    reads: 75,
  },
  {
    name: "status --json",
    args: ["status", "--json"],
    place: "profile",
    prints: /^\{[^]*"consumer_key": "STARTUP"[^]*\}\n$/,
    loads: 64,
    reads: 75,
  },
  {
    // Deno is a program that every system has.
    name: "exec",
    args: ["exec", "--", DENO, "--version"],
    place: "profile",
    prints: /^deno \d/,
    loads: 56,
    reads: 68,
  },
  {
    name: "--version",
    args: ["--version"],
    place: "profile",
    prints: /^tdauth \d+\.\d+\.\d+\n$/,
    loads: 7,
    reads: 9,
  },
  {
    name: "Tab for a command",
    args: ["complete", "--", ""],
    place: "profile",
    prints: /^login\t/m,
    loads: 9,
    reads: 38,
  },
  {
    name: "Tab for a flag",
    args: ["complete", "--", "status", "--"],
    place: "profile",
    prints: /^--fail-within\t/m,
    loads: 9,
    reads: 38,
  },
  {
    name: "Tab for a profile",
    args: ["complete", "--", "token", "--profile", ""],
    place: "profile",
    prints: /^default\t/m,
    loads: 37,
    reads: 38,
  },
];
