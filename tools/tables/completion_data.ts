/** What completions need of the table of commands, and how it is written. */
import type {
  CompletedArgument,
  CompletedCommand,
  CompletedFlag,
  CompletionData,
  Offers,
} from "../../src/cli/commands/complete/completion_data.ts";
import type { Commands } from "../../src/cli/grammar/command.ts";
import type { Arg } from "../../src/cli/grammar/flag.ts";
import {
  type FlagLine,
  flagLines,
  globalFlagLines,
  helpLine,
} from "../../src/cli/grammar/flag_lines.ts";
import {
  loadCommands,
  type NamedCommand,
} from "../../src/cli/grammar/named_command.ts";
import { settingRow } from "../../src/settings/setting_table.ts";

/**
 * Derives what completions need of a table of commands.
 *
 * @param commands The table.
 * @returns The data, with the choices that the table has functions for.
 */
export async function completionData(
  commands: Commands,
): Promise<CompletionData> {
  const { flag: configDir = "" } = settingRow("configDir");
  return {
    configDir,
    help: await completedFlag(helpLine()),
    flags: await Promise.all(globalFlagLines().map(completedFlag)),
    commands: await commandsOf(await loadCommands(commands), ""),
  };
}

/**
 * Writes the data as the fields of an object, a line for each flag and argument.
 *
 * @param data The data.
 * @returns Lines of TypeScript.
 */
export function completionLines(data: CompletionData): string[] {
  const { configDir, help, flags, commands } = data;
  return [
    `  configDir: ${literal(configDir)},`,
    `  help: ${literal(help)},`,
    ...list("flags", flags, "  "),
    "  commands: [",
    ...commands.flatMap((command) => commandLines(command, "    ")),
    "  ],",
  ];
}

async function commandsOf(
  all: readonly NamedCommand[],
  parent: string,
): Promise<CompletedCommand[]> {
  const inside = all.filter(({ name, hidden }) =>
    !hidden && name.slice(0, Math.max(name.lastIndexOf(" "), 0)) === parent
  );
  return await Promise.all(inside.map(async (command) => {
    const { name, summary, description } = command;
    const args = await Promise.all(
      Object.values(command.args).map(completedArgument),
    );
    const commands = await commandsOf(all, name);
    return {
      name: name.replace(/^.* /, ""),
      line: (summary ?? description).replace(/\.$/, ""),
      flags: await Promise.all(
        flagLines(command).filter(({ hidden }) => !hidden).map(completedFlag),
      ),
      ...(args.length > 0 && { args }),
      ...(commands.length > 0 && { commands }),
    };
  }));
}

async function completedFlag(
  { long, short, value, help, repeated, offers }: FlagLine,
): Promise<CompletedFlag> {
  return {
    long,
    ...(short !== undefined && { short }),
    ...(value !== undefined && { value: true }),
    help,
    ...(repeated && { repeated }),
    ...await resolved(offers),
  };
}

async function completedArgument(
  { kind, rest, suggest }: Arg,
): Promise<CompletedArgument> {
  return {
    ...(kind === "command" && { command: true }),
    ...(rest !== undefined && { rest }),
    ...await resolved(suggest ?? (kind === "file" ? "files" : undefined)),
  };
}

async function resolved(
  offers: FlagLine["offers"],
): Promise<{ readonly offers?: Offers }> {
  if (offers === undefined) return {};
  return { offers: typeof offers === "function" ? await offers() : offers };
}

function commandLines(
  { name, line, flags, args = [], commands = [] }: CompletedCommand,
  indent: string,
): string[] {
  const deeper = `${indent}  `;
  return [
    `${indent}{`,
    `${deeper}name: ${literal(name)}, line: ${literal(line)},`,
    ...list("flags", flags, deeper),
    ...(args.length === 0 ? [] : list("args", args, deeper)),
    ...(commands.length === 0 ? [] : [
      `${deeper}commands: [`,
      ...commands.flatMap((one) => commandLines(one, `${deeper}  `)),
      `${deeper}],`,
    ]),
    `${indent}},`,
  ];
}

/** A field with a list; several items have a line each. */
function list(
  name: string,
  items: readonly unknown[],
  indent: string,
): string[] {
  if (items.length < 2) return [`${indent}${name}: [${items.map(literal)}],`];
  return [
    `${indent}${name}: [`,
    ...items.map((item) => `${indent}  ${literal(item)},`),
    `${indent}],`,
  ];
}

/** A value as it is written in code. */
function literal(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, field]) =>
    `${/^[a-z]\w*$/i.test(name) ? name : JSON.stringify(name)}: ${
      literal(field)
    }`
  );
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}
