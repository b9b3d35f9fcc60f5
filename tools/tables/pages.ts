/** The tables of docs/settings.md and docs/token-files.md. */
import { PRESETS } from "../../src/providers/presets.ts";
import {
  SETTING_NAMES,
  settingRow,
  type Trust,
} from "../../src/settings/setting_table.ts";
import { FORMAT_PROGRAMS } from "../../src/token_files/format_names.ts";
import { formatNamed } from "../../src/token_files/formats.ts";
import { VARIABLES } from "../../src/settings/variable_table.ts";

/** What every setting and variable is. */
export function settingRows(): string[] {
  return table(["variable", "option, flag", "meaning", "default"], [
    ...SETTING_NAMES.map((name) => {
      const { variable, flag, help, default: value, otherwise } = settingRow(
        name,
      );
      return [
        code(variable),
        [code(name), ...(flag === undefined ? [] : [code(flag)])].join(", "),
        help,
        value === undefined ? otherwise ?? "" : code(value),
      ];
    }),
    ...Object.entries(VARIABLES).map((
      [variable, { flag, help, otherwise }],
    ) => [
      code(variable),
      flag === undefined ? "" : code(flag),
      help,
      otherwise ?? "",
    ]),
  ]);
}

/** What `.env` may say. */
export function envRows(): string[] {
  return table(["variable", "in `.env`"], [
    ...SETTING_NAMES.map(settingRow).map(({ variable, trust }) => [
      code(variable),
      allowed(trust),
    ]),
    ...Object.entries(VARIABLES).map(([variable, { trust }]) => [
      code(variable),
      trust === "not read" ? trust : allowed(trust),
    ]),
  ]);
}

/** The formats of token files, in display order. */
export function formatRows(): string[] {
  return table(
    ["`--format`", "program", "file", "refresh token lifetime", "without one"],
    Object.keys(FORMAT_PROGRAMS).map(formatNamed).map(
      ({ name, about: { programs, file, lifetime }, accessAlone }) => [
        code(name),
        programs,
        file,
        lifetime,
        accessAlone ? "yes" : "no",
      ],
    ),
  );
}

/** The presets. */
export function providerRows(): string[] {
  return table(
    ["name", "broker", "app's secret", "a callback URL", "apps", "chosen for"],
    PRESETS.map((preset) => [
      code(preset.key),
      preset.name,
      preset.secret,
      code(preset.exampleCallbackUrl),
      preset.portal === undefined
        ? preset.provider().closed?.why ?? ""
        : `<https://${preset.portal}>`,
      preset.assumedFor === undefined
        ? ""
        : `an app with ${preset.assumedFor === "secret" ? "a" : "no"} secret`,
    ]),
  );
}

function allowed(trust: Trust): string {
  return trust === "anywhere"
    ? "taken"
    : trust.harmless === undefined
    ? "refused"
    : `only ${trust.harmless.what}`;
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Not aligned, so that a cell that grows changes one line. */
function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    "",
    "<!-- deno-fmt-ignore-start -->",
    "",
    line(head),
    line(head.map(() => "---")),
    ...rows.map(line),
    "",
    "<!-- deno-fmt-ignore-end -->",
    "",
  ];
}
