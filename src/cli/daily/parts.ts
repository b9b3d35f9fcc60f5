/**
 * What `cli.ts` loads by a computed name, by its path in `src/`. Of a literal
 * `import()` the runtime reads the whole graph before the first line runs: for
 * all of the program that takes as long as starting the runtime. By these types
 * `deno cache` and `deno install` find the parts and download them; `deno run`
 * does not follow types.
 */
export interface Parts {
  /** The whole program. */
  readonly "cli/main": typeof import("../main.ts");
  /** `tdauth token`. */
  readonly "cli/daily/cached_token": typeof import("./cached_token.ts");
  /** The other daily commands. */
  readonly "cli/daily/daily_command": typeof import("./daily_command.ts");
  /** `tdauth --version`. */
  readonly "cli/grammar/version": typeof import("../grammar/version.ts");
  /** `tdauth complete`, at each Tab. */
  readonly "cli/commands/complete/answer":
    typeof import("../commands/complete/answer.ts");
  /** The definitions of daily commands. */
  readonly "cli/commands/token": typeof import("../commands/token.ts");
  readonly "cli/commands/header": typeof import("../commands/header.ts");
  readonly "cli/commands/status/command":
    typeof import("../commands/status/command.ts");
  readonly "cli/commands/exec/command":
    typeof import("../commands/exec/command.ts");
}

/** Loads a part. */
export type Load = <Name extends keyof Parts>(
  name: Name,
) => Promise<Parts[Name]>;

/** Loads a part that may be missing. */
export type LoadIfThere = <Name extends keyof Parts>(
  name: Name,
) => Promise<Parts[Name] | undefined>;

/**
 * Every part, and the bundle that it is in when the program is compiled. Parts of
 * one bundle share the classes that they throw and catch.
 */
export const PARTS = {
  "cli/main": "program",
  "cli/daily/cached_token": "token",
  "cli/daily/daily_command": "daily",
  "cli/commands/token": "daily",
  "cli/commands/header": "daily",
  "cli/commands/status/command": "daily",
  "cli/commands/exec/command": "daily",
  "cli/grammar/version": "version",
  "cli/commands/complete/answer": "complete",
} as const satisfies Record<keyof Parts, string>;
