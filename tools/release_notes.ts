// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Prints the notes of a release: `deno run --allow-read tools/release_notes.ts
 * v0.1.0` prints that version's part of CHANGELOG.md, and fails unless the tag is
 * the version in deno.json.
 */

/**
 * Finds a release's notes.
 *
 * @param tag The tag, such as `v0.1.0`.
 * @param version The version in deno.json.
 * @param changelog The text of CHANGELOG.md.
 * @returns The notes, without their heading.
 * @throws {Error} The tag is of another version, or the changelog has no date or no notes for it.
 */
export function releaseNotes(
  tag: string,
  version: string,
  changelog: string,
): string {
  if (tag !== `v${version}`) {
    throw new Error(`the tag is ${tag}, and deno.json has ${version}`);
  }
  const parts = changelog.split(/^## /m).slice(1);
  const part = parts.find((part) => part.startsWith(`[${version}]`));
  if (part === undefined) throw new Error(`CHANGELOG.md has no ${version}`);
  const [heading = "", ...lines] = part.split("\n");
  if (!/ - \d{4}-\d\d-\d\d$/.test(heading)) {
    throw new Error(`CHANGELOG.md has no date for ${version}`);
  }
  // Links to comparisons follow the last part.
  const notes = lines.filter((line) => !/^\[[^\]]+\]: /.test(line)).join("\n")
    .trim();
  if (notes === "") throw new Error(`CHANGELOG.md says nothing of ${version}`);
  return notes;
}

if (import.meta.main) {
  const read = (path: string) =>
    Deno.readTextFileSync(new URL(`../${path}`, import.meta.url));
  try {
    console.log(
      releaseNotes(
        Deno.args[0] ?? "",
        JSON.parse(read("deno.json")).version,
        read("CHANGELOG.md"),
      ),
    );
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
