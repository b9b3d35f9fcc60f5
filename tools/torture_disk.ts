// deno-lint-ignore-file no-console -- a tool talks to its user
/** Starts `tools/torture.ts` again, with a small disk of its own. */
import { fileURLToPath } from "node:url";
import { deno } from "./deno.ts";

/** The variable that names the disk to the second process; empty where none can be mounted. */
export const DISK = "TDAUTH_TORTURE_DISK";

/**
 * Runs the program again in a namespace where a disk of a megabyte is mounted, or
 * without one where that cannot be.
 *
 * @returns Its exit code.
 */
export async function onSmallDisk(): Promise<number> {
  const directory = Deno.makeTempDirSync({ prefix: "tdauth_torture_disk_" });
  const mount =
    `mount -t tmpfs -o size=1m,mode=700 none "${directory}" && exec "$@"`;
  const script = fileURLToPath(new URL("torture.ts", import.meta.url));
  const words = deno("run", "-A", script, ...Deno.args);
  const run = async (
    [command, ...args]: readonly [string, ...string[]],
    disk: string,
  ) => {
    const { code } = await new Deno.Command(command, {
      args,
      env: { [DISK]: disk },
      stdout: "inherit",
      stderr: "inherit",
    }).output();
    return code;
  };
  const inside = ["unshare", "-rm", "sh", "-c", mount, "sh"] as const;
  try {
    const can = await run([...inside, "true"], "").catch(() => 1) === 0;
    if (can) return await run([...inside, ...words], directory);
    console.error("no disk can be mounted here: none fills up");
    return await run(words, "");
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}
