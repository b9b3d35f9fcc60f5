/** What the name of a file looks like that is being written. */
export const TEMPORARY: RegExp = /^\.(.+)\.[0-9a-f]{32}\.tmp$/;

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

/**
 * Says what a directory holds, as far as that tells whose it is.
 *
 * @param path The directory.
 * @param tokenFiles The names of the token files that are known.
 * @returns `own` where something of tdauth's is in it, `other` where only other things are.
 */
export function contentOf(
  path: string,
  tokenFiles: readonly string[],
): "empty" | "own" | "other" {
  let content: "empty" | "other" = "empty";
  for (const { name } of Deno.readDirSync(path)) {
    if (OWN.includes(name) || tokenFiles.includes(name)) return "own";
    // Other programs have a file of that name, too.
    if (name === "config.json" && hasProfiles(`${path}/${name}`)) return "own";
    content = "other";
  }
  return content;
}

function hasProfiles(path: string): boolean {
  try {
    return typeof JSON.parse(Deno.readTextFileSync(path)).profiles === "object";
  } catch {
    return false;
  }
}
