import { commandLine, type Hint, withProfile } from "../../base/hint.ts";
import type { Command } from "../grammar/command.ts";

/**
 * Formats a tdauth command for the user of the current one: as it is called here,
 * and for the same profile.
 *
 * @param command The current command.
 * @param words The other command's words, such as `["cert", "trust"]`.
 * @returns A line that can be pasted.
 */
export function nextCommand(
  command: Command,
  words: readonly string[],
): string {
  return commandLine(
    command.io.called(),
    withProfile(words, profileOf(command)),
  );
}

/**
 * Formats a hint for the user of the current command.
 *
 * @param command The current command.
 * @param hint The hint.
 * @returns A line without a final period.
 */
export function hintText(command: Command, hint: Hint): string {
  return hint.forProfile(profileOf(command)).format(command.io.called());
}

/**
 * Finds the command that a hint names first, for a program that runs it.
 *
 * @param command The current command.
 * @param hint The hint.
 * @returns The words after `tdauth`; nothing if it names none.
 */
export function hintCommand(
  command: Command,
  hint: Hint,
): readonly string[] | undefined {
  return hint.forProfile(profileOf(command)).steps
    .find((step) => step.command !== undefined)?.command;
}

function profileOf({ io, settings }: Command): string {
  return settings.profile ?? io.env("TD_PROFILE") ?? "default";
}
