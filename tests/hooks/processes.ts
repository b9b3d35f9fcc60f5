/** Whether processes are still there. */

/** Whether a process runs; one that has ended and was not waited for does not. */
export function isRunning(pid: number): boolean {
  const { success, stdout } = new Deno.Command("ps", {
    args: ["-o", "stat=", "-p", String(pid)],
  }).outputSync();
  return success && !/^\s*Z/.test(new TextDecoder().decode(stdout));
}

/** Waits until a process has ended. */
export async function untilEnded(pid: number): Promise<void> {
  while (isRunning(pid)) await new Promise((done) => setTimeout(done, 5));
}
