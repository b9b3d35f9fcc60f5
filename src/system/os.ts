/** An operating system, by the runtime's name for it. */
export type Os =
  | "linux"
  | "darwin"
  | "windows"
  | "android"
  | "freebsd"
  | "netbsd"
  | "aix"
  | "solaris"
  | "illumos";

/** This machine's operating system. */
export const OS: Os = Deno.build.os;

/** The processor's architecture, such as `x86_64`. */
export const ARCHITECTURE: string = Deno.build.arch;

/** The runtime that this program runs on. */
export const RUNTIME: {
  /** Its name. */
  readonly name: string;
  /** Its version, such as `2.9.6`. */
  readonly version: string;
} = { name: "Deno", version: Deno.version.deno };

/**
 * Returns the id of the user that this program runs as.
 *
 * @returns The id; `undefined` on Windows, and for a script without the
 * permission to ask (`--allow-sys=uid`).
 */
export function userId(): number | undefined {
  try {
    return Deno.uid() ?? undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns the working directory.
 *
 * @returns An absolute path.
 */
export function workingDirectory(): string {
  return Deno.cwd();
}
