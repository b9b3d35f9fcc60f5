/** Lets processes that have loaded everything go on at the same moment. */

/** A process that is waited for. */
interface Process {
  /** How it ended. */
  readonly result: Promise<{ readonly code: number; readonly stderr: string }>;
}

/** The parent's side of a barrier. */
export interface Barrier extends AsyncDisposable {
  /** What a child connects to; for its environment. */
  readonly port: number;
  /** Waits for all of these and lets them go; fails when one ends before it comes. */
  release(processes: readonly Process[]): Promise<void>;
}

/** Puts up a barrier. */
export function putUpBarrier(): Barrier {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const waiting: Deno.Conn[] = [];
  return {
    port: listener.addr.port,
    async release(processes) {
      const ended = Promise.race(processes.map(async ({ result }) => {
        const { code, stderr } = await result;
        throw new Error(`A process ended with ${code} at once: ${stderr}`);
      }));
      while (waiting.length < processes.length) {
        waiting.push(await Promise.race([listener.accept(), ended]));
      }
      ended.catch(() => {}); // that is what they were let go for
      await Promise.all(
        waiting.map((child) => child.write(new Uint8Array([1]))),
      );
    },
    [Symbol.asyncDispose]() {
      for (const child of waiting) child.close();
      listener.close();
      return Promise.resolve();
    },
  };
}

/**
 * Waits at a barrier, in a child; goes on at once without one.
 *
 * @param port The barrier's. @default {what `BARRIER_PORT` tells}
 */
export async function released(
  port: string | undefined = Deno.env.get("BARRIER_PORT"),
): Promise<void> {
  if (port === undefined) return;
  using parent = await Deno.connect({
    hostname: "127.0.0.1",
    port: Number(port),
  });
  await parent.read(new Uint8Array(1));
}
