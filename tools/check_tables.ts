// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Fails when a part of a file that is generated from the table of settings, of
 * presets, of commands or of token files is out of date; `--write` updates it.
 */
import { fileURLToPath } from "node:url";
import { denoProcess } from "./deno.ts";
import { PARTS, withParts } from "./tables/derived_parts.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const paths = [...new Set(PARTS.map(({ path }) => path))];
const stale: string[] = [];
for (const path of paths) {
  const kept = Deno.readTextFileSync(`${root}${path}`);
  const made = await formatted(path, withParts(path, kept));
  if (made === kept) continue;
  if (Deno.args.includes("--write")) {
    Deno.writeTextFileSync(`${root}${path}`, made);
  } else stale.push(path);
}
if (stale.length > 0) {
  console.error(
    `${
      stale.join(", ")
    } does not match the tables of settings, presets, commands and token files\n\ndeno run -A tools/check_tables.ts --write brings it up to date`,
  );
  Deno.exit(1);
}
console.log(`tables: ${PARTS.length} parts of ${paths.join(", ")} as they say`);

/** Formats a text by `deno fmt`. */
async function formatted(path: string, text: string): Promise<string> {
  const child = denoProcess([
    "fmt",
    `--ext=${path.split(".").at(-1)}`,
    "-",
  ], { cwd: root, stdin: "piped", stdout: "piped", stderr: "inherit" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error(`Cannot format ${path}`);
  return new TextDecoder().decode(stdout);
}
