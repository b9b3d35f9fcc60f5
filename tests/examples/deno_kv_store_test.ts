import { DenoKvStore } from "../../examples/deno_kv_store.ts";
import { storeTests } from "../../src/testing/mod.ts";

/** Two objects on one database, and a clock that can be moved. */
async function open() {
  const kv = await Deno.openKv(":memory:");
  let shift = 0;
  const now = () => Date.now() + shift;
  const advance = (seconds: number) => {
    shift += seconds * 1000;
    return Promise.resolve();
  };
  return {
    store: new DenoKvStore(kv, "user", { now }),
    sameStore: new DenoKvStore(kv, "user", { now }),
    advance,
    endTurn: () => advance(31),
    [Symbol.asyncDispose]: () => Promise.resolve(kv.close()),
  };
}

for (
  const { name, run } of storeTests({ manyProcesses: true, forgets: true })
) {
  Deno.test(`DenoKvStore ${name}`, () => run(open));
}
