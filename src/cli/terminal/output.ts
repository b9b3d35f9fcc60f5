import { shownJson } from "../../base/shown.ts";
import type { Command } from "../grammar/command.ts";
import type { Io } from "./io.ts";
import { type Style, styleOf } from "./style.ts";

/** Whether the output is one JSON value: by `--json` or `TD_JSON`. */
export function wantsJson({ io, flags }: Command): boolean {
  return flags.json || isOn(io.env("TD_JSON"));
}

/** Whether to show causes: by `--verbose` or `TD_VERBOSE`. */
export function isVerbose({ io, flags }: Command): boolean {
  return flags.verbose || isOn(io.env("TD_VERBOSE"));
}

function isOn(text: string | undefined): boolean {
  return text !== undefined && !/^(0|false|no|off)$/i.test(text);
}

/** The style of one of the outputs. */
export function style(command: Command, output: "out" | "err"): Style {
  return styleOf(command.io, output, wantsJson(command));
}

/** Writes a value as JSON to stdout, without control characters. */
export function writeJson(io: Io, value: unknown): void {
  io.out(shownJson(JSON.stringify(value, undefined, 2)) + "\n");
}
