// deno-lint-ignore-file no-console -- a bench talks to its user
import type { Ratio } from "./interleaved.ts";

/** A table of strings. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A bar of the plot. */
export interface Bar {
  readonly name: string;
  readonly kind: "floor" | "tdauth" | "peer";
  /** Bars of one group are compared with each other. */
  readonly group: string;
  /** Its length. */
  readonly milliseconds: number;
  /** How many times its floor. @default {not told} */
  readonly ratio?: number;
}

/** An upper limit of a ratio. */
export interface Target extends Ratio {
  readonly what: string;
  readonly most: number;
}

/** The results of a bench. */
export interface Report {
  /** The tables, by the name in the page's markers. */
  readonly tables: Readonly<Record<string, Table>>;
  /** The README's tables, by the name in its markers. @default {none} */
  readonly readme?: Readonly<Record<string, Table>>;
  /** @default {none} */
  readonly targets?: readonly Target[];
  /** @default {none} */
  readonly bars?: readonly Bar[];
  /** Notes on what was not measured, and why. @default {none} */
  readonly notes?: readonly string[];
}

/** The arguments of every bench: `[ROUNDS] [--quick] [--json]`. */
export interface BenchArguments {
  readonly rounds: number;
  readonly rest: readonly string[];
}

/**
 * Reads a bench's arguments.
 *
 * @param full How many rounds there are.
 * @param quick How many there are with `--quick`.
 * @returns The rounds, and the arguments after them.
 */
export function benchArguments(full: number, quick: number): BenchArguments {
  const [first, ...rest] = Deno.args.filter((arg) => !arg.startsWith("--"));
  const usual = Deno.args.includes("--quick") ? quick : full;
  const rounds = Number(first ?? usual);
  if (!(Number.isInteger(rounds) && rounds >= 1)) {
    usage("[ROUNDS]");
  }
  return { rounds, rest };
}

/** Exits with the usage of a bench. */
export function usage(words: string): never {
  console.error(`usage: deno task bench NAME ${words} [--quick] [--json]`);
  Deno.exit(2);
}

/** Prints a report: its tables, or the whole of it as JSON with `--json`. */
export function print(report: Report): void {
  if (Deno.args.includes("--json")) return console.log(JSON.stringify(report));
  const { tables, targets = [], notes = [] } = report;
  const parts = Object.values(tables).map(markdown);
  if (targets.length > 0) parts.push(markdown(targetTable(targets)));
  if (notes.length > 0) parts.push(notes.join("\n"));
  console.log(parts.join("\n\n"));
}

/** Returns the targets, each with its measurement and whether it is met. */
export function targetTable(targets: readonly Target[]): Table {
  return {
    head: ["target", "at most", "measured", "met"],
    rows: targets.map(({ what, most, ...ratio }) => [
      what,
      `${most} ×`,
      formatRatio(ratio, 3),
      verdict(ratio, most),
    ]),
  };
}

/** Returns whether a target is met, by the median, and whether that is within the error. */
function verdict({ ratio, low, high }: Ratio, most: number): string {
  const open = low <= most && high > most;
  return `${ratio <= most ? "yes" : "no"}${open ? ", within the error" : ""}`;
}

/** A table in Markdown. */
export function markdown({ head, rows }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [head, head.map((_, at) => at === 0 ? "---" : "--:"), ...rows]
    .map(line).join("\n");
}

/** A ratio with its interval. */
export function formatRatio(
  { ratio, low, high }: Ratio,
  digits: number = ratio >= 10 ? 0 : ratio >= 3 ? 1 : 2,
): string {
  const [middle, from, to] = [ratio, low, high].map((one) =>
    one.toFixed(digits)
  );
  return `${middle} (${from}–${to})`;
}

/**
 * Fills the part of a page between two HTML comments.
 *
 * @param page The page.
 * @param name The name in the first comment.
 * @param content The new content.
 * @returns The page, unchanged outside of them.
 * @throws {Error} When the page has no such part.
 */
export function filled(page: string, name: string, content: string): string {
  const begin = `<!-- ${name}: made by deno task bench -->`;
  const end = "<!-- end -->";
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`the page has no part "${name}"`);
  return `${page.slice(0, from)}${begin}\n\n${content}\n\n${page.slice(to)}`;
}
