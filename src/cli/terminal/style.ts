import { shown } from "../../base/shown.ts";
import type { Io } from "./io.ts";

/** Colors a text, or leaves it unchanged. */
export interface Style {
  /** For titles. */
  readonly bold: (text: string) => string;
  /** For what matters less. */
  readonly dim: (text: string) => string;
  /** For what is fine. */
  readonly green: (text: string) => string;
  /** For warnings. */
  readonly yellow: (text: string) => string;
  /** For failures. */
  readonly red: (text: string) => string;
  /** For what can be opened or typed. */
  readonly cyan: (text: string) => string;
}

/**
 * The style for one of the two outputs: colors only on a terminal, never with
 * `NO_COLOR` (no-color.org) or a dumb terminal.
 */
export function styleOf(io: Io, output: "out" | "err", plain = false): Style {
  const on = !plain && io.terminal[output] && !io.env("NO_COLOR") &&
    io.env("TERM") !== "dumb";
  const paint = (code: number, end: number) => (text: string) =>
    on ? `\x1b[${code}m${text}\x1b[${end}m` : text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    green: paint(32, 39),
    yellow: paint(33, 39),
    red: paint(31, 39),
    cyan: paint(36, 39),
  };
}

/** What tdauth itself writes to a terminal beside text: colors, and what clears a line before it is drawn again. */
const OWN =
  // deno-lint-ignore no-control-regex -- these are what it is about
  /((?:\r?\x1b\[K)|\x1b\[(?:[0-2]|22|3[1236]|39|38;5;\d+;48;5;\d+)m)/;

/**
 * Sanitizes what is about to be written to a terminal: whatever text was put into
 * it, only tdauth's own colors are left of its control characters.
 *
 * @param text The text.
 * @returns The text, each other control character replaced.
 */
export function onScreen(text: string): string {
  return text.split(OWN).map((part, index) =>
    index % 2 === 1 ? part : shown(part)
  ).join("");
}
