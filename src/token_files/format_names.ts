/**
 * The formats by the name that `--format` has for them, in display order, each
 * with the program that it belongs to, or what it is where it is no program's own.
 */
export const FORMAT_PROGRAMS = {
  "schwab-py": "schwab-py",
  "schwabdev-3": "Schwabdev 3",
  "schwabdev-2": "Schwabdev 2",
  "tda-api": "tda-api",
  "pytd": "pyTD",
  "tdauth": "tdauth",
  "token-answer": "a token answer",
  "dotenv": "a .env file",
  "refresh-token": "a bare refresh token",
} as const;

/** The name of a format. */
export type FormatName = keyof typeof FORMAT_PROGRAMS;

/** The names of all formats, for people. */
export function formatNames(): string {
  const names = Object.keys(FORMAT_PROGRAMS);
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}
