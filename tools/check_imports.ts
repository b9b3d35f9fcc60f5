// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Fails when a file imports from a higher rank, so that circles cannot form,
 * when a file that may not use `console`, `Deno.args`, `Deno.exit` or the
 * environment does, and when one has grown past 300 lines.
 */
import { fileURLToPath } from "node:url";
import { denoProcess } from "./deno.ts";

/** The ranks, lowest first: each entry is a file or a folder of src/. */
const RANKS: readonly (readonly string[])[] = [
  ["after.ts", "base"],
  [
    "deadline.ts",
    "errors.ts",
    "token.ts",
    "provider.ts",
    "loopback.ts",
    "log.ts",
    "network.ts",
    "shell_word.ts",
    "unfetched.ts",
    "wrong_number.ts",
  ],
  ["system"],
  ["seal"],
  ["providers", "protocol", "cache", "sandbox"],
  ["redis", "settings", "refresh", "logout.ts", "login", "token_files"],
  [
    "check_provider.ts",
    "provider_by_name.ts",
    "profile_cache.ts",
    "authorize_options.ts",
    "authorization.ts",
    "trust",
  ],
  ["context.ts"],
  ["authorize.ts", "web"],
  ["web_handler.ts", "cli"],
];
const LONGEST = 300;

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: { readonly specifier?: string };
    readonly type?: { readonly specifier?: string };
  }[];
}

const root = new URL("../", import.meta.url);
const problems: string[] = [];
const files = listFiles("src");

for (const { specifier, dependencies } of await modules(files)) {
  const from = roomOf(specifier);
  if (from === undefined) continue;
  for (const dependency of dependencies ?? []) {
    const target = dependency.code?.specifier ?? dependency.type?.specifier ??
      "";
    const to = roomOf(target);
    if (to === undefined || to.room === from.room) continue;
    if (to.rank >= from.rank) {
      problems.push(
        `${from.path} (rank ${from.rank}) imports ${to.path} (rank ${to.rank})`,
      );
    }
    if (from.room === "sandbox" && to.room !== "provider.ts") {
      problems.push(
        `${from.path} shares ${to.path} with the client: both could be wrong together`,
      );
    }
  }
}

for (const path of files) {
  const text = Deno.readTextFileSync(new URL(path, root));
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  const lines = text.split("\n").length;
  if (lines > LONGEST) problems.push(`${path} has ${lines} lines: split it`);
  const cli = path.startsWith("src/cli/") ||
    path === "src/system/own_process.ts";
  if (
    !cli &&
    /\bconsole\.|\bDeno\.(args|exit)\b|[^.\w](prompt|confirm|alert)\(/.test(
      code,
    )
  ) {
    problems.push(
      `${path} talks to the user or ends the program: only the command line may`,
    );
  }
  if (
    path !== "src/system/environment.ts" &&
    /\bDeno\.env\b|\bprocess\.env\b/.test(code)
  ) {
    problems.push(
      `${path} reads the environment: only src/system/environment.ts may`,
    );
  }
}

for (const path of ["src", "tools", "tests", "bench"].flatMap(listFiles)) {
  if (
    /import\.meta\.url\)\.pathname/.test(
      Deno.readTextFileSync(new URL(path, root)),
    )
  ) {
    problems.push(
      `${path} takes a URL's path for a file's: use fileURLToPath()`,
    );
  }
}

if (problems.length > 0) {
  console.error(problems.join("\n"));
  Deno.exit(1);
}
console.log(`import rule: ${files.length} files in order`);

function listFiles(folder: string): string[] {
  return [...Deno.readDirSync(new URL(`${folder}/`, root))].flatMap((
    { name, isDirectory },
  ) =>
    isDirectory
      ? listFiles(`${folder}/${name}`)
      : name.endsWith(".ts")
      ? [`${folder}/${name}`]
      : []
  ).sort();
}

async function modules(paths: readonly string[]): Promise<Module[]> {
  const all = paths.map((path) =>
    `import ${JSON.stringify(new URL(path, root).href)};`
  ).join("\n");
  const entry = Deno.makeTempFileSync({ suffix: ".ts" });
  try {
    Deno.writeTextFileSync(entry, all);
    const { success, stdout, stderr } = await denoProcess([
      "info",
      "--json",
      "--config",
      fileURLToPath(new URL("deno.json", root)),
      entry,
    ]).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout)).modules;
  } finally {
    Deno.removeSync(entry);
  }
}

function roomOf(
  specifier: string,
): { path: string; room: string; rank: number } | undefined {
  const source = new URL("src/", root).href;
  if (!specifier.startsWith(source)) return undefined;
  const path = specifier.slice(source.length);
  const room = path.split("/")[0] ?? path;
  const rank = RANKS.findIndex((rooms) => rooms.includes(room));
  if (rank < 0) {
    problems.push(
      `src/${path} is in no rank: give it one in tools/check_imports.ts`,
    );
  }
  return { path: `src/${path}`, room, rank };
}
