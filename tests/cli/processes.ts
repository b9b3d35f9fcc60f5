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

/** Waits until a process has a file open; where that cannot be seen, for long enough. */
export async function opens(
  process: { readonly pid: number; readonly ended: boolean },
  ending: string,
): Promise<void> {
  for (let waited = 0; !process.ended; waited += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (Deno.build.os !== "linux") {
      if (waited > 3000) return;
      continue;
    }
    if (openFiles(process.pid).some((path) => path.endsWith(ending))) return;
  }
  throw new Error(`the process never opened ${ending}`);
}

/** The files that a process has open; Linux alone tells. */
export function openFiles(pid: number): string[] {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/fd`)].flatMap(({ name }) => {
      try {
        return [Deno.readLinkSync(`/proc/${pid}/fd/${name}`)];
      } catch {
        return []; // it was closed in between
      }
    });
  } catch {
    return []; // the process has just ended
  }
}

/** The scripted user may still be reading the last page when the login is over. */
export async function nothingLeft(home: string): Promise<void> {
  for (let waited = 0; processesAt(home).length > 0; waited += 20) {
    if (waited > 60_000) {
      const left = processesAt(home);
      for (const pid of left) Deno.kill(pid, "SIGKILL");
      throw new Error(`${left.length} processes were left running`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
