import { DenoKvStore } from "../../examples/deno_kv_store.ts";
import { storeTests } from "../../src/testing/mod.ts";

/** Two objects on one database, and a clock that can be moved. */
async function open() {
  const kv = await Deno.openKv(":memory:");
  let open = true;
  const close = () => {
    if (open) kv.close();
    open = false;
  };
  let shift = 0;
  const now = () => Date.now() + shift;
  const advance = (seconds: number) => {
    shift += seconds * 1000;
    return Promise.resolve();
  };
  return {
    store: new DenoKvStore(kv, "user", { now }),
    sameStore: new DenoKvStore(kv, "user", { now }),
    otherAccount: new DenoKvStore(kv, "other", { now }),
    openWithLease: (lease: number) =>
      Promise.resolve(new DenoKvStore(kv, "user", { lease, now })),
    damage: () => Promise.resolve(close()),
    advance,
    endTurn: () => advance(31),
    [Symbol.asyncDispose]: () => Promise.resolve(close()),
  };
}

for (
  const { name, run } of storeTests({
    manyProcesses: true,
    forgets: true,
    canFail: true,
  })
) {
  Deno.test(`DenoKvStore ${name}`, () => run(open));
}
