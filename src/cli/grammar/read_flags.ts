import { TdauthError } from "../../base/errors.ts";
import { parseDuration, parseTimeout } from "../terminal/duration.ts";
import type { Args, ArgsOf, Flag, Flags, FlagsOf } from "./flag.ts";

/** The values of flags as they were typed, by the flag: `--output`. */
export type Values = ReadonlyMap<
  string,
  string | boolean | readonly string[] | undefined
>;

/** The words of a command line. */
export interface Words {
  /** The flags. */
  readonly values: Values;
  /** What is no flag, without the command's name. */
  readonly words: readonly string[];
}

/**
 * Converts the typed flags to the values for a command's code.
 *
 * @param flags The definitions of the flags.
 * @param values What was typed.
 * @returns The value of each flag.
 * @throws {TdauthError} `invalid_options` when a value does not match the flag's kind.
 */
export function readFlags<F extends Flags>(
  flags: F | undefined,
  values: Values,
): FlagsOf<F> {
  // `FlagValue` describes what `readFlag` does; the compiler cannot follow.
  return Object.fromEntries(
    Object.entries(flags ?? {}).map((
      [name, flag],
    ): readonly unknown[] => [name, readFlag(flag, values.get(flag.flag))]),
  );
}

function readFlag(flag: Flag, given: ReturnType<Values["get"]>): unknown {
  if (flag.kind === "boolean") {
    return flag.no !== undefined && given === undefined
      ? undefined
      : given === true;
  }
  if (flag.repeated) {
    const all = typeof given === "object" ? given : [];
    return all.map((text) => readValue(flag, text));
  }
  if (typeof given === "string") return readValue(flag, given);
  if (given === false) return false; // --no-…
  return "default" in flag && flag.default !== undefined
    ? readValue(flag, String(flag.default))
    : undefined;
}

function readValue(
  flag: Exclude<Flag, { kind: "boolean" }>,
  text: string,
): string | number {
  switch (flag.kind) {
    case "duration":
      return parseDuration(text, flag.flag);
    case "timeout":
      return parseTimeout(text, flag.flag);
    case "number": {
      const number = Number(text);
      if (
        Number.isInteger(number) && number >= flag.min && number <= flag.max
      ) return number;
      throw new TdauthError(
        "invalid_options",
        `Cannot use "${text}" for ${flag.flag}: it is not ${flag.what}`,
        {
          hint: flag.default === undefined
            ? `use an integer from ${flag.min} to ${flag.max}`
            : `use an integer from ${flag.min} to ${flag.max}, or omit it for ${flag.default}`,
        },
      );
    }
    case "choice": {
      if (Object.hasOwn(flag.choices, text)) return text;
      throw flag.refuse?.(text) ?? new TdauthError(
        "invalid_options",
        `Cannot use "${text}" for ${flag.flag}: it is not one of its values`,
        { hint: `use ${Object.keys(flag.choices).join(" or ")}` },
      );
    }
    default:
      return text;
  }
}

/**
 * Names the words of a command line by the arguments that they are.
 *
 * @param args The definitions of the arguments, which match the words.
 * @param words The words.
 * @returns The value of each argument.
 */
export function readArgs<A extends Args>(
  args: A | undefined,
  words: readonly string[],
): ArgsOf<A> {
  // As for `readFlags`.
  return Object.fromEntries(
    Object.entries(args ?? {}).map((
      [name, { rest }],
      at,
    ): readonly unknown[] => [name, rest ? words.slice(at) : words[at]]),
  );
}
