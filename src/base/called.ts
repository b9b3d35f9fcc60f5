import { DENO_VERSION } from "./deno_version.ts";

/** The command's module as JSR names it. */
const ON_JSR = "jsr:@tdauth/tdauth/cli";

/** Where a module is. */
export interface ModuleAt {
  /** Its URL. */
  readonly url: string;
  /** The path of its directory; absent when it is no file. */
  readonly dirname?: string;
}

/**
 * Finds the words that run the `tdauth` command which belongs to this module,
 * from anywhere: a script that imports the module may have no `tdauth` on its
 * `PATH`, and may run in Node.
 *
 * @param module Where a module two levels below the package is; this one by default.
 * @returns The words before the command's own.
 */
export function modulesCommand(
  { url, dirname }: ModuleAt = import.meta,
): readonly string[] {
  if (dirname !== undefined) {
    const root = rootOf(dirname);
    const npx = ["npx", "-y", `deno@${DENO_VERSION}`, "run", "-A"];
    return /[\\/]node_modules[\\/]/.test(root)
      ? [...npx, ON_JSR]
      : [...npx, `${root}/cli.ts`];
  }
  // Its name on JSR says which package it is; the registry's own may change.
  return new URL(url).pathname.startsWith("/@tdauth/tdauth/")
    ? ["deno", "run", "-A", ON_JSR]
    : ["deno", "run", "-A", new URL("../../cli.ts", url).href];
}

/**
 * Finds the directory of this package.
 *
 * @param directory The directory of a module two levels below it.
 * @returns Its path.
 */
export function rootOf(directory: string): string {
  return directory.replace(/[\\/][^\\/]+[\\/][^\\/]+$/, "");
}
