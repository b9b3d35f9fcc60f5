/**
 * Returns the sources below folders of the project, without installed packages.
 *
 * @param folders The folders, from the project's root, without a slash at the end.
 * @returns Paths from the root, sorted by folder.
 */
export function sourceFiles(...folders: readonly string[]): string[] {
  const root = new URL("../", import.meta.url);
  return folders.flatMap((folder) =>
    [...Deno.readDirSync(new URL(`${folder}/`, root))]
      .flatMap(({ name, isDirectory }) =>
        name === "node_modules"
          ? []
          : isDirectory
          ? sourceFiles(`${folder}/${name}`)
          : /\.(ts|mjs)$/.test(name)
          ? [`${folder}/${name}`]
          : []
      ).sort()
  );
}
