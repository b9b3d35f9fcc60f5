import { modulesCommand, rootOf } from "../base/called.ts";
import { isAbsolute } from "./config_dir.ts";
import type { Env } from "./environment.ts";

/**
 * Returns the words that call the `tdauth` command here, so that a line which
 * begins with them can be pasted where the current one was run.
 *
 * @param env The environment.
 * @returns `tdauth` for the executable and for an installed script; in a clone
 * of the project its task; else what runs the module from where it is.
 */
export function commandCalled(env: Env): readonly string[] {
  if (Deno.build.standalone) return ["tdauth"];
  const { dirname } = import.meta;
  const anywhere = modulesCommand();
  if (dirname === undefined) {
    // An installed script and `deno run` look the same from inside.
    return isOnPath("tdauth", env) ? ["tdauth"] : anywhere;
  }
  const at = anywhere.indexOf("run");
  return isInside(Deno.cwd(), rootOf(dirname)) && at > 0
    ? [...anywhere.slice(0, at), "task", "cli"]
    : anywhere;
}

/**
 * Returns the words that start this program from anywhere, without a shell's path
 * and without npx, which removes its cache when it likes.
 *
 * @returns The executable, or the runtime with what it runs.
 */
export function startWords(): readonly string[] {
  if (Deno.build.standalone) return [Deno.execPath()];
  const anywhere = modulesCommand();
  return [Deno.execPath(), ...anywhere.slice(anywhere.indexOf("run"))];
}

function isInside(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`) ||
    path.startsWith(`${directory}\\`);
}

/** Whether a shell finds a program; without the read permission, `false` and no prompt. */
function isOnPath(name: string, env: Env): boolean {
  const windows = Deno.build.os === "windows";
  return (env("PATH") ?? "").split(windows ? ";" : ":").filter(isAbsolute)
    .some((directory) => {
      const path = `${directory}/${name}${windows ? ".cmd" : ""}`;
      const { state } = Deno.permissions.querySync({ name: "read", path });
      if (state !== "granted") return false;
      try {
        return Deno.statSync(path).isFile;
      } catch {
        return false;
      }
    });
}
