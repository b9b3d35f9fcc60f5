import { TdauthError } from "../base/errors.ts";
import { dotenvFile } from "./dotenv_file.ts";
import { formatNames } from "./format_names.ts";
import { pytd } from "./pytd.ts";
import { refreshTokenText } from "./refresh_token_text.ts";
import { schwabPy } from "./schwab_py.ts";
import { schwabdev2 } from "./schwabdev_2.ts";
import { schwabdev3 } from "./schwabdev_3.ts";
import { tdaApi } from "./tda_api.ts";
import { tdauthFile } from "./tdauth_file.ts";
import { tokenAnswer } from "./token_answer.ts";
import type { TextFormat, TokenFileFormat } from "./token_file_format.ts";

/** The formats that are text. */
export const TEXT_FORMATS: readonly TextFormat[] = [
  schwabPy,
  schwabdev2,
  tdaApi,
  pytd,
  tdauthFile,
  tokenAnswer,
  dotenvFile,
  refreshTokenText,
];

/** Every format. */
export const FORMATS: readonly TokenFileFormat[] = [
  schwabdev3,
  ...TEXT_FORMATS,
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
