// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Fails when a part of a file that is generated from the table of settings or of
 * presets is out of date; `--write` updates it.
 */
import { fileURLToPath } from "node:url";
import { PRESETS } from "../src/providers/presets.ts";
import { denoProcess } from "./deno.ts";
import { settingOptions } from "./tables/setting_options.ts";
import { envRows, providerRows, settingRows } from "./tables/pages.ts";

/** The generated parts: the lines between `begin NAME` and `end NAME` of a file. */
const PARTS: readonly {
  readonly path: string;
  readonly name: string;
  readonly lines: readonly string[];
}[] = [
  {
    path: "src/client/authorize_options.ts",
    name: "settings",
    lines: settingOptions(),
  },
  {
    path: "src/providers/provider_name.ts",
    name: "presets",
    lines: PRESETS.map(({ key }) => `  | ${JSON.stringify(key)}`),
  },
  { path: "docs/settings.md", name: "settings", lines: settingRows() },
  { path: "docs/settings.md", name: "providers", lines: providerRows() },
  { path: "docs/settings.md", name: "env", lines: envRows() },
];

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
    } does not match the tables of settings and presets\n\ndeno run -A tools/check_tables.ts --write brings it up to date`,
  );
  Deno.exit(1);
}
console.log(`tables: ${PARTS.length} parts of ${paths.join(", ")} as they say`);

function withParts(path: string, text: string): string {
  return PARTS.filter((part) => part.path === path).reduce(
    (whole, { name, lines }) => {
      const part = new RegExp(
        `^(.*\\bbegin ${name}\\b.*\\n)[^]*?^(.*\\bend ${name}\\b)`,
        "m",
      );
      if (!part.test(whole)) {
        throw new Error(`${path} has no part between begin and end ${name}`);
      }
      return whole.replace(
        part,
        (_, begin, end) => `${begin}${lines.join("\n")}\n${end}`,
      );
    },
    text,
  );
}

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
