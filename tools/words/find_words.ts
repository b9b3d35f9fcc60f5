/** Finds the words of the table in a file. */
import { textsOf } from "./texts.ts";
import type { Word } from "./words.ts";

/** A place where a word of the table stands. */
export interface FoundWord {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  /** As it stands there, on one line. */
  readonly found: string;
  readonly word: Word;
}

/**
 * Finds the words of a table in a file.
 *
 * @param path The path from the project's root.
 * @param text The file.
 * @param words The table.
 * @returns The places, in the table's order.
 */
export function findWords(
  path: string,
  text: string,
  words: readonly Word[],
): FoundWord[] {
  const { prose, identifiers } = textsOf(path, text);
  return words.flatMap((word) => {
    const where = word.where ?? "prose";
    return [
      ...where === "identifiers" ? [] : prose.matchAll(inProse(word)),
      ...where === "prose" ? [] : identifiers.matchAll(asName(word)),
    ].map(({ index, 0: found }) => ({
      path,
      line: text.slice(0, index).split("\n").length,
      found: found.replace(BREAK, " "),
      word,
    }));
  });
}

/** What may stand where a phrase has a blank: the end of a line too, and what begins a line of a comment or of a list. */
const BREAK = /\s+(?:(?:\*|\/\/|>)\s+)?/g;

function inProse({ find }: Word): RegExp {
  return new RegExp(
    `(?<![\\w-])(?:${find.replaceAll(" ", BREAK.source)})(?![\\w-])`,
    "gi",
  );
}

function asName({ find }: Word): RegExp {
  return new RegExp(`(?<![\\w$])(?:${find})(?![\\w$])`, "g");
}
