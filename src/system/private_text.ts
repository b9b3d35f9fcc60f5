/**
 * Reads a text file that is only its user's. In doubt it returns nothing: the
 * caller then does what `private_path.ts` says about such files.
 *
 * @param directory Its directory.
 * @param name Its name in it.
 * @returns Its text; `undefined` when others can access the file or the
 * directory, one of them belongs to another user, or it cannot be read.
 */
export function readPrivateText(
  directory: string,
  name: string,
): string | undefined {
  try {
    const path = `${directory}/${name}`;
    return isPrivate(directory) && isPrivate(path)
      ? Deno.readTextFileSync(path)
      : undefined;
  } catch {
    return undefined;
  }
}

function isPrivate(path: string): boolean {
  const { mode, uid } = Deno.statSync(path);
  // Windows has neither: access is by inherited ACLs.
  return ((mode ?? 0) & 0o077) === 0 && (uid === null || uid === Deno.uid());
}
