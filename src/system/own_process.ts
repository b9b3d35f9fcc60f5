/** The arguments that this program was started with. */
export const ARGUMENTS: readonly string[] = Deno.args;

/** This process's id. */
export const PROCESS_ID: number = Deno.pid;

/**
 * Exits this process immediately.
 *
 * @param code Its exit code.
 */
export function exit(code: number): never {
  Deno.exit(code);
}

/**
 * Returns what people know this program by: the file name of its main module.
 *
 * @returns The name; a word for any where the runtime does not say.
 */
export function programName(): string {
  try {
    const name = new URL(Deno.mainModule).pathname.split("/").at(-1);
    return name || "a script";
  } catch {
    return "a script";
  }
}

/**
 * Returns the file that a new start of this program would run: the executable, or
 * the main module where a runtime runs it.
 *
 * @returns Its path, or the module's URL where it is no file.
 */
export function programFile(): string {
  if (Deno.build.standalone) return Deno.execPath();
  const { protocol, href } = new URL(Deno.mainModule);
  if (protocol !== "file:") return href;
  const path = decodeURIComponent(new URL(href).pathname);
  return Deno.build.os === "windows" ? path.slice(1) : path;
}
