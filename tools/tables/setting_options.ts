/** The options of `authorize()` that are settings, from their table. */
import {
  SETTING_NAMES,
  type SettingRow,
  settingRow,
} from "../../src/settings/setting_table.ts";

/** How long a line of comment may be. */
const WIDTH = 78;

/**
 * The fields of the interface, each with what editors and `deno doc` show.
 *
 * @returns Lines of TypeScript.
 */
export function settingOptions(): string[] {
  return SETTING_NAMES.flatMap((name) => {
    const row = settingRow(name);
    return [...comment(row), `  readonly ${name}?: ${typeOf(row)};`];
  });
}

function comment(row: SettingRow): string[] {
  const own = row.kind === "provider" ? " Or an object of your own." : "";
  const words = `${row.help}${own} \`${row.variable}\`.`;
  const otherwise = otherwiseOf(row);
  const tag = otherwise === undefined ? "" : `@default {${otherwise}}`;
  const line = `  /** ${words}${tag && ` ${tag}`} */`;
  if (line.length <= WIDTH + 2) return [line];
  return [
    "  /**",
    ...wrapped(words).map((part) => `   * ${part}`),
    ...(tag === "" ? [] : [`   * ${tag}`]),
    "   */",
  ];
}

/** The default as it is written in code, or in words. */
function otherwiseOf(row: SettingRow): string | undefined {
  if (row.default === undefined) return row.otherwise;
  return row.kind === "boolean"
    ? row.default.toLowerCase()
    : JSON.stringify(row.default);
}

function typeOf({ kind, choices }: SettingRow): string {
  const anyOf = (values: readonly string[]) =>
    values.map((value) => JSON.stringify(value)).join(" | ");
  if (kind === "boolean") return "boolean";
  if (choices !== undefined) return anyOf(choices);
  if (kind === "seconds") return "number";
  if (kind === "parameters") return "Readonly<Record<string, string>>";
  if (kind !== "provider") return "string";
  return "ProviderName | Provider";
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || `${last} ${word}`.length > WIDTH - 5) {
      lines.push(word);
    } else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
