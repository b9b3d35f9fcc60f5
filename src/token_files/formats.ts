import { TdauthError } from "../base/errors.ts";
import { pytd } from "./pytd.ts";
import { schwabPy } from "./schwab_py.ts";
import { schwabdev2 } from "./schwabdev_2.ts";
import { schwabdev3 } from "./schwabdev_3.ts";
import { tdaApi } from "./tda_api.ts";
import { tdauthFile } from "./tdauth_file.ts";
import type { JsonFormat, TokenFileFormat } from "./token_file_format.ts";

/** The formats that are JSON. */
export const JSON_FORMATS: readonly JsonFormat[] = [
  schwabPy,
  schwabdev2,
  tdaApi,
  pytd,
  tdauthFile,
];

/** Every format, in display order. */
export const FORMATS: readonly TokenFileFormat[] = [
  schwabPy,
  schwabdev3,
  schwabdev2,
  tdaApi,
  pytd,
  tdauthFile,
];

/** Aliases for the current version of a program that has changed its format. */
const SHORT: Readonly<Record<string, TokenFileFormat>> = {
  schwabdev: schwabdev3,
};

/**
 * Finds a format by its name.
 *
 * @param name The name, in any case; `schwabdev` is its current version, 3.
 * @returns The format.
 * @throws {TdauthError} `invalid_options` when there is none of that name.
 */
export function formatNamed(name: string): TokenFileFormat {
  const lower = name.toLowerCase();
  const format = FORMATS.find((one) => one.name === lower) ??
    (Object.hasOwn(SHORT, lower) ? SHORT[lower] : undefined);
  if (format !== undefined) return format;
  throw new TdauthError(
    "invalid_options",
    `Cannot use "${name}" for --format: unknown format`,
    { hint: `use ${formatNames()}` },
  );
}

/** The names of all formats, for people. */
export function formatNames(): string {
  const names = FORMATS.map(({ name }) => name);
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

/** The program of each format, by the format's name. */
export function formatPrograms(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    FORMATS.map(({ name, program }) => [name, program]),
  );
}
