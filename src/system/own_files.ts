import { TdauthError } from "../base/errors.ts";

/**
 * The error for another program's file with the name of one of tdauth's: it is not overwritten.
 *
 * @param path The file.
 * @returns The error.
 */
export function notOurs(path: string): TdauthError {
  return new TdauthError(
    "cache_unreadable",
    `Cannot write "${path}": it is not tdauth's; left unchanged`,
    {
      hint:
        "use a separate directory with TD_CONFIG_DIR or --config-dir, or move the file away",
    },
  );
}

/** The pattern of temporary files' names: tdauth's only, because leftovers are removed. */
export const TEMPORARY: RegExp = /^\.(.+)\.[0-9a-f]{32}\.tdauth\.tmp$/;

/** The pattern of the names of files that reserve space: of which file, for which work. */
export const RESERVED: RegExp =
  /^\.(.+)\.(login|refresh)\.[0-9a-f]{32}\.reserved$/;

/** The files of a configuration directory whose fixed names are tdauth's only. */
const OWN: readonly string[] = [
  ".hooks.json",
  ".hooks.lock",
  ".write.lock",
  "certificate.json",
  "serve.lock",
  "serve.state",
  "trust.json",
];

/** The end of the name of a damaged token file that was moved aside. */
export const SET_ASIDE: RegExp =
  /\.corrupt-\d{4}-\d\d-\d\dT[\d-]+Z-[0-9a-f]{8}$/;

/**
 * Returns whether a file in a configuration directory is tdauth's, by its name.
 *
 * @param name The file's name.
 * @param tokenFiles The names of the known token files.
 */
export function isOwnFile(
  name: string,
  tokenFiles: readonly string[],
): boolean {
  const [, locked] = /^\.(.+)\.(?:login|refresh)\.lock$/.exec(name) ?? [];
  return OWN.includes(name) || name === "config.json" || name === "ca.pem" ||
    tokenFiles.includes(name) ||
    (locked !== undefined && tokenFiles.includes(locked)) ||
    TEMPORARY.test(name) || RESERVED.test(name) || SET_ASIDE.test(name);
}
