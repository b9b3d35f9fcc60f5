import type { CommandDefinition, Commands } from "./command.ts";

/** A command of the table that was loaded. */
export interface NamedCommand extends CommandDefinition {
  /** Its name in the table: `cert show`. */
  readonly name: string;
}

/**
 * Loads the definitions of commands.
 *
 * @param commands The table.
 * @param called The one that is called, for which those below it are loaded, too; all are without it.
 * @returns The definitions, in the order of the table.
 */
export async function loadCommands(
  commands: Commands,
  called?: string,
): Promise<NamedCommand[]> {
  const wanted = Object.entries(commands).filter(([name]) =>
    called === undefined || name === called || isBelow(name, called)
  );
  return await Promise.all(
    wanted.map(async ([name, load]) => ({ ...(await load()).default, name })),
  );
}

/**
 * Loads what the program's own help shows: the top-level commands, without their
 * flags and arguments.
 *
 * @param commands The table.
 * @returns The definitions, in the order of the table.
 */
export async function loadOutline(commands: Commands): Promise<NamedCommand[]> {
  const top = Object.entries(commands).filter(([name]) => !name.includes(" "));
  return (await loadCommands(Object.fromEntries(top)))
    .map(({ settings: _, ...one }) => ({ ...one, flags: {}, args: {} }));
}

/** Whether a command belongs to another one, as `cert show` to `cert`. */
export function isBelow(name: string, other: string): boolean {
  return name.startsWith(`${other} `);
}

/**
 * Returns the usage of a command, without its name.
 *
 * @param command The command.
 * @param isGroup Whether it only has commands of its own.
 * @returns The text: `[options] <file>`.
 */
export function usageOf(
  { args }: CommandDefinition,
  isGroup: boolean,
): string {
  if (isGroup) return "[options] [command]";
  const all = Object.entries(args);
  return [
    "[options]",
    ...(all[0]?.[1].kind === "command" ? ["--"] : []),
    ...all.map(([name, arg]) => argument(name, arg)),
  ].join(" ");
}

/** An argument as it is written: `<file>`, `[words...]`. */
export function argument(
  name: string,
  { value = name, optional, rest }: CommandDefinition["args"][string],
): string {
  const what = `${value}${rest ? "..." : ""}`;
  return optional ? `[${what}]` : `<${what}>`;
}
