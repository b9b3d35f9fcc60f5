// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Builds `dist/tdauth`, an executable that needs no Deno: `deno task compile`.
 *
 * `DENORT_BIN` sets the runtime to use instead of the one that `deno compile` downloads.
 */
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DENO, denoProcess } from "./deno.ts";
import { PARTS } from "../src/cli/daily/parts.ts";

/** The project's directory. */
export const ROOT = fileURLToPath(new URL("../", import.meta.url));

const PLAIN = { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };

/** The executable's permissions, and why; `docs/executable.md` documents them. */
export const PERMISSIONS: readonly string[] = [
  // A script that gets a token has no user to answer prompts.
  "--no-prompt",
  // The configuration directory, .env and files to import are known when it runs, not before.
  "--allow-read",
  "--allow-write",
  // Any issuer may be discovered, and the callback's port is the user's choice.
  "--allow-net",
  // A browser and `exec`'s command inherit the whole environment.
  "--allow-env",
  // The browser, and the command given to `exec`, are the user's choice.
  "--allow-run",
  // Whether the configuration directory belongs to the user who runs this, and how full its disk is.
  "--allow-sys=uid,statfs",
  // Code comes only from the executable.
  "--deny-import",
];

/** The Deno that compiles, if it is not the one that runs this. */
export interface Compiler {
  /** The executable. */
  readonly deno: string;
  /** Its changes to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Options of {@linkcode compile}. */
export interface CompileOptions {
  /** Files that the entry loads by a name that is computed at run time. @default {none} */
  readonly include?: readonly string[];
  /** A target of `deno compile`. @default {this machine} */
  readonly target?: string;
  /** The Deno that compiles. @default {this one} */
  readonly compiler?: Compiler;
  /** Checks the executable before it takes its place; rejects a bad one. @default {no check} */
  readonly inspect?: (executable: string) => void | Promise<void>;
}

/** The executable's runtime is unavailable, or another Deno's. */
export class RuntimeUnavailable extends Error {}

/**
 * Compiles a program, with the permissions that `tdauth` has. The output is
 * either complete or absent.
 *
 * @param entry The program's first file.
 * @param output Where the executable goes.
 * @throws {RuntimeUnavailable} When its runtime cannot be downloaded.
 */
export async function compile(
  entry: string,
  output: string,
  options: CompileOptions = {},
): Promise<void> {
  const { include = [], target, compiler = { deno: DENO } } = options;
  Deno.mkdirSync(dirname(output), { recursive: true });
  const beside = Deno.makeTempDirSync({
    dir: dirname(output),
    prefix: ".compile_",
  });
  try {
    const made = join(beside, basename(output));
    const { success, stderr } = await new Deno.Command(compiler.deno, {
      args: [
        "compile",
        "--no-config",
        "--no-lock",
        "--no-check",
        // It would be read from a temporary directory that others can write to.
        "--no-code-cache",
        ...PERMISSIONS,
        ...include.map((file) => `--include=${file}`),
        ...(target === undefined ? [] : [`--target=${target}`]),
        `--output=${made}`,
        entry,
      ],
      env: { ...PLAIN, ...compiler.env },
    }).output();
    if (!success) throw failure(new TextDecoder().decode(stderr));
    await options.inspect?.(made);
    Deno.renameSync(made, output);
  } finally {
    Deno.removeSync(beside, { recursive: true });
  }
}

/** The error of a failed `deno compile`. */
function failure(said: string): Error {
  const cause = said.replace(/^[\s\S]*?error: /, "")
    .replace(/\n\nStack backtrace[\s\S]*/, "");
  return /denort|base binary/.test(said)
    ? new RuntimeUnavailable(innermost(cause))
    : new Error(`deno compile failed: ${cause}`);
}

/** The most telling line of a chain of causes: each ends with what the next ones say again. */
function innermost(cause: string): string {
  const lines = cause.split("\n").map((line) => line.replace(/^ +\d+: /, ""));
  return lines.find((line) => /denort/.test(line)) ?? lines.join(" ");
}

/** The result of {@linkcode bundle}, as arguments of {@linkcode compile}. */
export interface Bundle {
  /** The program's first file. */
  readonly entry: string;
  /** The files that it loads by a name that is computed at run time. */
  readonly include: readonly string[];
}

/**
 * Bundles the program and its packages into JavaScript files, so that the
 * executable contains no unused file of a package and still loads no more than a
 * command needs. Each file costs a start of the executable, loaded or not: only
 * the whole program is split.
 *
 * @param directory Where the files go.
 */
export async function bundle(directory: string): Promise<Bundle> {
  const parts = Object.entries(PARTS);
  await denoBundle("cli.ts", join(directory, "cli.js"));
  for (const [name, bundled] of Map.groupBy(parts, ([, name]) => name)) {
    const [[part = ""] = [], ...others] = bundled;
    if (name === "program") {
      const folder = join(directory, "src", dirname(part));
      await denoBundle(`src/${part}.ts`, folder, "--code-splitting");
    } else if (others.length === 0) {
      await denoBundle(`src/${part}.ts`, join(directory, "src", `${part}.js`));
    } else {
      await bundleTogether(directory, name, bundled.map(([part]) => part));
    }
  }
  return {
    entry: join(directory, "cli.js"),
    include: parts.map(([part]) => join(directory, "src", `${part}.js`)),
  };
}

/** Bundles several parts into one file, and puts in the place of each a file that exports what is its own. */
async function bundleTogether(
  directory: string,
  name: string,
  parts: readonly string[],
): Promise<void> {
  const all: string[] = [];
  for (const [index, part] of parts.entries()) {
    const source = new URL(`../src/${part}.ts`, import.meta.url).href;
    const names = Object.keys(await import(source));
    const as = (one: string) => `part${index}_${one}`;
    const list = (write: (one: string) => string) =>
      names.map(write).join(", ");
    all.push(
      `export { ${list((one) => `${one} as ${as(one)}`)} } from "${source}";`,
    );
    const own = join(directory, "src", `${part}.js`);
    const shared = `${"../".repeat(part.split("/").length)}${name}.js`;
    Deno.mkdirSync(dirname(own), { recursive: true });
    Deno.writeTextFileSync(
      own,
      `export { ${list((one) => `${as(one)} as ${one}`)} } from "${shared}";`,
    );
  }
  const entry = join(directory, `${name}.ts`);
  Deno.writeTextFileSync(entry, all.join("\n"));
  await denoBundle(entry, join(directory, `${name}.js`));
  Deno.removeSync(entry);
}

/** Bundles into one file; with `--code-splitting` into several in a folder. */
async function denoBundle(
  entry: string,
  output: string,
  ...more: readonly string[]
): Promise<void> {
  const { success, stderr } = await denoProcess([
    "bundle",
    ...more,
    "--minify",
    "--keep-names", // the names of errors are told, and those of functions are in stacks
    more.length > 0 ? `--outdir=${output}` : `--output=${output}`,
    entry,
  ], { cwd: ROOT, env: PLAIN }).output();
  if (!success) {
    throw new Error(`deno bundle failed: ${new TextDecoder().decode(stderr)}`);
  }
}

/**
 * Compiles `tdauth` for this machine. It has run when this resolves.
 *
 * @param output Where the executable goes.
 * @throws {RuntimeUnavailable} As {@linkcode compile}.
 */
export async function compileTdauth(output: string): Promise<void> {
  const directory = Deno.makeTempDirSync({ prefix: "tdauth_bundle_" });
  try {
    await compileBundle(await bundle(directory), output);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** The same from the result of {@linkcode bundle}, by the given Deno. */
export async function compileBundle(
  { entry, include }: Bundle,
  output: string,
  compiler: Compiler = { deno: DENO },
): Promise<void> {
  await compile(entry, output, { include, compiler, inspect: runs });
}

/** With a runtime of another version the executable cannot read its content. */
async function runs(executable: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(executable, {
    args: ["--version"],
    env: PLAIN,
  }).output();
  if (!success) {
    throw new RuntimeUnavailable(
      `what it makes does not run: ${
        new TextDecoder().decode(stderr).split("\n")[0]
      }`,
    );
  }
}

/**
 * Returns how many bytes an executable has more than one with an empty program.
 *
 * @param executable What {@linkcode compile} made for this machine.
 * @param compiler The Deno that made it. @default {this one}
 */
export async function bytesOverRuntime(
  executable: string,
  compiler: Compiler = { deno: DENO },
): Promise<number> {
  const directory = Deno.makeTempDirSync({ prefix: "tdauth_empty_" });
  try {
    const entry = join(directory, "empty.js");
    const empty = join(directory, basename(executable));
    Deno.writeTextFileSync(entry, "");
    await compile(entry, empty, { compiler });
    return Deno.statSync(executable).size - Deno.statSync(empty).size;
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** Prints why there is no executable, and what to do, and exits with 1. */
export function giveUp(what: string, error: unknown): never {
  if (!(error instanceof RuntimeUnavailable)) throw error;
  const { deno } = Deno.version;
  console.error(
    `cannot make ${what}: the runtime of Deno ${deno} is missing: ${error.message}`,
  );
  console.error(
    `hint: connect to the network, or set DENORT_BIN to the path of a denort of Deno ${deno}`,
  );
  Deno.exit(1);
}

if (import.meta.main) {
  const name = Deno.build.os === "windows" ? "tdauth.exe" : "tdauth";
  const output = join(ROOT, "dist", name);
  try {
    await compileTdauth(output);
    const over = await bytesOverRuntime(output);
    console.log(
      `dist/${name}: ${(Deno.statSync(output).size / 1e6).toFixed(1)} MB, ${
        (over / 1e3).toFixed(0)
      } kB over the runtime`,
    );
  } catch (error) {
    giveUp(`dist/${name}`, error);
  }
}
