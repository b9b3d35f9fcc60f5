/** The files that `deno.json` exports. */

/**
 * Reads the entry points of the package.
 *
 * @returns Paths from the project's root, such as `mod.ts`.
 */
export function entryPoints(): string[] {
  const config: { readonly exports: Readonly<Record<string, string>> } = JSON
    .parse(Deno.readTextFileSync(new URL("../deno.json", import.meta.url)));
  return Object.values(config.exports).map((path) => path.replace(/^\.\//, ""));
}
