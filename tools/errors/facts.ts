/** What the code says about its errors. */
import { exitCode } from "../../src/cli/terminal/exit_code.ts";
import { TdauthError, type TdauthErrorCode } from "../../src/base/errors.ts";
import { sourceFiles } from "../source_files.ts";
import { type ErrorMessage, errorMessages } from "./messages.ts";
import type { SourceFile } from "./source.ts";

/** What the code says about its errors. */
export interface ErrorFacts {
  /** The codes in their order, with what they mean. */
  readonly codes: readonly {
    readonly code: string;
    readonly exit: number;
    /** From the table in the docstring; absent when it is not there. */
    readonly meaning: string | undefined;
  }[];
  /** Codes that the docstring has and the type has not. */
  readonly strangers: readonly string[];
  /** The messages. */
  readonly messages: readonly ErrorMessage[];
  /** Hints that cannot be read, a line each. */
  readonly unreadable: readonly string[];
}

const CODES = /\btype TdauthErrorCode =([^;]*);/;

/**
 * Reads what the code says about its errors.
 *
 * @param files The source files; one has the type `TdauthErrorCode`.
 * @returns The facts.
 */
export function errorFacts(files: readonly SourceFile[]): ErrorFacts {
  const errors = files.find(({ text }) => CODES.test(text))?.text ?? "";
  const union = CODES.exec(errors)?.[1] ?? "";
  const meanings = new Map(
    [...errors.matchAll(/^ \* \| `(\w+)` \| (.+) \|$/gm)].map((
      [, code = "", meaning = ""],
    ) => [code, meaning]),
  );
  const codes = [...union.matchAll(/"(\w+)"/g)].map(([, code = ""]) => ({
    code,
    exit: exitCode(new TdauthError(code as TdauthErrorCode, "")),
    meaning: meanings.get(code),
  }));
  return {
    codes,
    strangers: [...meanings.keys()].filter((name) =>
      !codes.some(({ code }) => code === name)
    ),
    ...errorMessages(files),
  };
}

/**
 * Reads the facts from this repository.
 *
 * @returns What its code says.
 */
export function factsHere(): ErrorFacts {
  const root = new URL("../../", import.meta.url);
  return errorFacts(
    sourceFiles("src").map((path) => ({
      path,
      text: Deno.readTextFileSync(new URL(path, root)),
    })),
  );
}
