import type { Command } from "../../grammar/command.ts";

/** Placeholder. */
export function changeService(
  _command: Command,
  _what: { install: boolean; uninstall: boolean },
): Promise<void> {
  return Promise.reject(new Error("not yet"));
}
