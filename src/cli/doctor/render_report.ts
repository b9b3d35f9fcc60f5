import { wrapWords } from "../terminal/wrap.ts";
import type { Command } from "../grammar/command.ts";
import { style } from "../terminal/output.ts";
import type { ShownFinding, State } from "./finding.ts";

/** Findings under their title. */
export interface Group {
  /** The title. */
  readonly title: string;
  /** The findings, in order. */
  readonly findings: readonly ShownFinding[];
}

const WIDTH = 80;
/** Where the texts begin. */
const LABEL = 16;

/**
 * Renders the findings: colored signs on a terminal, words elsewhere.
 *
 * @param command The command.
 * @param groups The findings.
 * @returns The text.
 */
export function picture(command: Command, groups: readonly Group[]): string {
  const { bold, dim, green, yellow, red, cyan } = style(command, "out");
  const signs = command.io.terminal.out && !command.io.env("NO_COLOR") &&
    command.io.env("TERM") !== "dumb";
  const paint = { ok: green, warning: yellow, failed: red };
  const sign: Readonly<Record<State, string>> = signs
    ? { ok: "✓", warning: "!", failed: "✗" }
    : { ok: "ok", warning: "warning", failed: "failed" };
  const first = signs ? 4 : 10;
  const indent = " ".repeat(first + LABEL);

  const home = command.io.env("HOME") ?? "";
  // A path as people write it; in commands, which are quoted, it would not work.
  const short = (text: string) =>
    home.length > 1 ? text.replaceAll(`${home}/`, "~/") : text;

  const lines = ({ check, state, what, fix, command: run }: ShownFinding) => {
    const [head = "", ...rest] = wrapWords(short(what), WIDTH - indent.length);
    return [
      `  ${paint[state](sign[state].padEnd(first - 2))}${
        dim(check.padEnd(LABEL))
      }${head}`,
      ...rest.map((line) => indent + line),
      ...wrapWords(short(fix ?? ""), WIDTH - indent.length - 2).map((
        line,
        index,
      ) => `${indent}${dim(index === 0 ? "→ " : "  ")}${line}`),
      // Not wrapped: it is there to be copied.
      ...(run === undefined ? [] : [`${indent}  ${cyan(run)}`]),
    ];
  };
  const shown = groups.filter(({ findings }) => findings.length > 0)
    .flatMap(({ title, findings }) => [
      "",
      `  ${bold(title)}`,
      ...findings.flatMap(lines),
    ]);
  const all = groups.flatMap(({ findings }) => findings);
  const count = (state: State) =>
    all.filter((finding) => finding.state === state).length;
  const [failures, warnings] = [count("failed"), count("warning")];
  const parts = [
    ...(failures > 0 ? [red(`${failures} failed`)] : []),
    ...(warnings > 0
      ? [yellow(`${warnings} warning${warnings === 1 ? "" : "s"}`)]
      : []),
    failures + warnings > 0
      ? `${count("ok")} ok`
      : green(`all ${count("ok")} checks are ok`),
  ];
  return [...shown, "", `  ${parts.join(", ")}`, "", ""].join("\n");
}
