// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Builds the executables of a release in `dist/`, and their `SHA256SUMS` for
 * `sha256sum -c`: `deno task release [NAME…]`, all of them by default.
 *
 * A `DENORT_BIN` is the runtime of one system: build only that one.
 */
import { basename, join } from "node:path";
import {
  bundle,
  compile,
  giveUp,
  ROOT,
  RuntimeUnavailable,
} from "./compile.ts";

/** The files of a release, with their targets; the installers ask for these names. */
export const RELEASE: Readonly<Record<string, string>> = {
  "tdauth-linux-x64": "x86_64-unknown-linux-gnu",
  "tdauth-linux-arm64": "aarch64-unknown-linux-gnu",
  "tdauth-macos-x64": "x86_64-apple-darwin",
  "tdauth-macos-arm64": "aarch64-apple-darwin",
  "tdauth-windows-x64.exe": "x86_64-pc-windows-msvc",
};

const all = Object.keys(RELEASE);

/**
 * Returns the `deno compile` target of an executable, by its first bytes; `deno
 * compile` itself accepts any runtime for any name.
 *
 * @returns The target, or `undefined` for any other file.
 */
export function targetOf(bytes: Uint8Array): string | undefined {
  if (bytes.length < 64) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0) === 0x7f454c46) { // ELF
    return {
      62: "x86_64-unknown-linux-gnu",
      183: "aarch64-unknown-linux-gnu",
    }[view.getUint16(18, true)];
  }
  if (view.getUint32(0, true) === 0xfeedfacf) { // Mach-O of 64 bits
    return {
      0x01000007: "x86_64-apple-darwin",
      0x0100000c: "aarch64-apple-darwin",
    }[view.getUint32(4, true)];
  }
  const header = view.getUint32(60, true);
  if (
    view.getUint16(0) === 0x4d5a && // MZ
    header + 6 <= bytes.length &&
    view.getUint32(header) === 0x50450000 && // PE
    view.getUint16(header + 4, true) === 0x8664
  ) return "x86_64-pc-windows-msvc";
  return undefined;
}

/**
 * Returns the lines for `sha256sum -c`.
 *
 * @param files The files; the lines have their names without directories.
 */
export async function checksums(files: readonly string[]): Promise<string> {
  let lines = "";
  for (const file of files) {
    const hash = await crypto.subtle.digest("SHA-256", Deno.readFileSync(file));
    lines += `${new Uint8Array(hash).toHex()}  ${basename(file)}\n`;
  }
  return lines;
}

/**
 * Builds executables of a release. They appear in `directory` together, when all
 * of them are complete.
 *
 * @param names Keys of {@linkcode RELEASE}.
 * @param directory Where they go.
 */
export async function release(
  names: readonly string[],
  directory: string,
): Promise<void> {
  Deno.mkdirSync(directory, { recursive: true });
  const work = Deno.makeTempDirSync({ dir: directory, prefix: ".release_" });
  try {
    const { entry, include } = await bundle(join(work, "bundle"));
    for (const name of names) {
      const target = RELEASE[name] ?? "";
      await compile(entry, join(work, name), { include, target });
    }
    const files = names.map((name) => join(work, name));
    Deno.writeTextFileSync(join(work, "SHA256SUMS"), await checksums(files));
    for (const name of [...names, "SHA256SUMS"]) {
      Deno.renameSync(join(work, name), join(directory, name));
    }
  } finally {
    Deno.removeSync(work, { recursive: true });
  }
}

/**
 * Returns why a runtime cannot be used for these executables.
 *
 * @param denort The runtime's path.
 * @param names Keys of {@linkcode RELEASE}.
 */
export function wrongRuntime(
  denort: string,
  names: readonly string[],
): string | undefined {
  let target;
  try {
    using file = Deno.openSync(denort);
    const bytes = new Uint8Array(4096);
    target = targetOf(bytes.subarray(0, file.readSync(bytes) ?? 0));
  } catch (error) {
    return `DENORT_BIN names a file that cannot be read: ${error}`;
  }
  const fits = all.find((name) => RELEASE[name] === target);
  return names.every((name) => name === fits)
    ? undefined
    : `DENORT_BIN is the runtime of ${fits ?? "none of these"} alone`;
}

if (import.meta.main) {
  const names = Deno.args.length === 0 ? all : Deno.args;
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    console.error(`there is no ${unknown.join(", ")}; there are:`);
    for (const name of all) console.error(`  ${name}`);
    Deno.exit(2);
  }
  try {
    const denort = Deno.env.get("DENORT_BIN");
    const why = denort === undefined ? undefined : wrongRuntime(denort, names);
    if (why !== undefined) throw new RuntimeUnavailable(why);
    await release(names, join(ROOT, "dist"));
  } catch (error) {
    giveUp(names.join(", "), error);
  }
  for (const name of [...names, "SHA256SUMS"]) console.log(`dist/${name}`);
}
