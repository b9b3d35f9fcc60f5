/** What still runs. */

/** The processes with this home directory: all that a machine of the tests has started. */
export function processesAt(home: string): number[] {
  if (Deno.build.os !== "linux") return [];
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const env = Deno.readTextFileSync(`/proc/${name}/environ`);
      if (env.split("\0").includes(`HOME=${home}`)) found.push(Number(name));
    } catch {
      // It has ended, or is somebody else's.
    }
  }
  return found;
}

/** The scripted user may still be reading the last page when the login is over. */
export async function nothingLeft(home: string): Promise<void> {
  for (let waited = 0; processesAt(home).length > 0; waited += 20) {
    if (waited > 5000) {
      const left = processesAt(home);
      for (const pid of left) Deno.kill(pid, "SIGKILL");
      throw new Error(`${left.length} processes were left running`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
