/** Whether processes are still there. */

/** Whether a process runs; one that has ended and was not waited for does not. */
export function isRunning(pid: number): boolean {
  const { success, stdout } = new Deno.Command("ps", {
    args: ["-o", "stat=", "-p", String(pid)],
  }).outputSync();
  return success && !/^\s*Z/.test(new TextDecoder().decode(stdout));
}

/** Waits until a process has ended; one that goes on is killed, and fails the test. */
export async function untilEnded(pid: number): Promise<void> {
  const start = performance.now();
  while (isRunning(pid)) {
    if (performance.now() - start > 60_000) {
      Deno.kill(pid, "SIGKILL");
      throw new Error(`process ${pid} was left running`);
    }
    await new Promise((done) => setTimeout(done, 5));
  }
}
