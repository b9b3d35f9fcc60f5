/** A wire to Redis that can be cut: one process is then cut off while others are not. */

/** The wire. */
export interface Wire extends AsyncDisposable {
  /** Redis, through it. */
  readonly url: string;
  /** Ends the connections through it; new ones end at once. */
  cut(): void;
  /** Lets new ones through. */
  mend(): void;
}

/** Lays a wire to a Redis. */
export function startWire(redis: string): Wire {
  const { port } = new URL(redis);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const ends = new Set<Deno.Conn>();
  const through = new Set<Promise<void>>();
  let whole = true;
  const cut = () => {
    whole = false;
    for (const end of ends) close(end);
    ends.clear();
  };
  const pass = async (near: Deno.Conn) => {
    ends.add(near);
    if (!whole) return cut();
    const far = await Deno.connect({
      hostname: "127.0.0.1",
      port: Number(port),
    });
    ends.add(far);
    if (!whole) cut();
    await Promise.all([carry(near, far), carry(far, near)]);
  };
  const listening = (async () => {
    for await (const near of listener) {
      const passed = pass(near).catch(() => close(near));
      through.add(passed);
      passed.finally(() => through.delete(passed));
    }
  })();
  return {
    url: `redis://127.0.0.1:${listener.addr.port}`,
    cut,
    mend: () => whole = true,
    async [Symbol.asyncDispose]() {
      listener.close();
      cut();
      await Promise.all([listening, ...through]);
    },
  };
}

/** Carries what one end says to the other, until either of them ends. */
async function carry(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const bytes = new Uint8Array(65_536);
  try {
    for (let n; (n = await from.read(bytes)) !== null;) {
      for (let sent = 0; sent < n;) {
        sent += await to.write(bytes.subarray(sent, n));
      }
    }
  } catch {
    // It was cut.
  }
  close(from);
  close(to);
}

function close(end: Deno.Conn): void {
  try {
    end.close();
  } catch {
    // It has ended.
  }
}
