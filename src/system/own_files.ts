import { TdauthError } from "../base/errors.ts";

/**
 * Another program's file has the name of one of ours: it is not written over.
 *
 * @param path The file.
 * @returns The error.
 */
export function notOurs(path: string): TdauthError {
  return new TdauthError(
    "cache_unreadable",
    `Cannot write "${path}": it holds something else, and was left as it is`,
    {
      hint:
        "name a directory of its own with TD_CONFIG_DIR or --config-dir, or move the file away",
    },
  );
}

/** What the name of a file looks like that is being written: ours alone, for what is left of it is removed. */
export const TEMPORARY: RegExp = /^\.(.+)\.[0-9a-f]{32}\.tdauth\.tmp$/;

/** The files of a configuration directory that have one name each, and that no other program's have. */
const OWN: readonly string[] = [
  ".write.lock",
  "certificate.json",
  "trust.json",
];

/** What the name of a damaged token file ends with that was set aside. */
export const SET_ASIDE: RegExp =
  /\.corrupt-\d{4}-\d\d-\d\dT[\d-]+Z-[0-9a-f]{8}$/;

/**
 * Says whether a file in a configuration directory is tdauth's, by its name.
 *
 * @param name The file's name.
 * @param tokenFiles The names of the token files that are known.
 */
export function isOwnFile(
  name: string,
  tokenFiles: readonly string[],
): boolean {
  const [, locked] = /^\.(.+)\.(?:login|refresh)\.lock$/.exec(name) ?? [];
  return OWN.includes(name) || name === "config.json" || name === "ca.pem" ||
    tokenFiles.includes(name) ||
    (locked !== undefined && tokenFiles.includes(locked)) ||
    TEMPORARY.test(name) || SET_ASIDE.test(name);
}
