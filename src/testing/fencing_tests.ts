import type { ExclusiveWork, TokenCache } from "../cache/token_cache.ts";
import { check, fails, isBusy, same } from "./check.ts";
import { isEmpty, sampleText } from "./sample_text.ts";
import {
  type StoreTest,
  type StoreUnderTest,
  withStore,
} from "./store_under_test.ts";
import { beginTurn, type HeldTurn } from "./turns.ts";

/** What a store of many processes refuses from one that was stopped and comes back late. */
export const fencingTests: readonly StoreTest[] = [
  {
    name: "refuses what an overtaken process writes after the next one",
    run: withStore(async (under) => {
      const { store, sameStore } = under;
      await store.write(sampleText("old"), { kind: "login" });
      const stopped = await overtake(under, "refresh");
      const next = sampleText("next");
      await sameStore.exclusive(
        "refresh",
        () => sameStore.write(next, { kind: "refresh" }),
      );
      for (const kind of ["refresh", "journal"] as const) {
        await refuses(store, kind);
        same(await sameStore.read(), next, "the next one's tokens");
      }
      // A write that belongs to no turn leaves the fence as it is.
      await sameStore.write(next, { kind: "login" });
      await refuses(store, "refresh");
      await stopped.end();
    }),
  },
  {
    name:
      "refuses the journal of an overtaken process before the next one has written",
    run: withStore(async (under) => {
      const { store, sameStore } = under;
      const old = sampleText("old");
      await store.write(old, { kind: "login" });
      const stopped = await overtake(under, "refresh");
      // A request with the old refresh token would follow, and the next one's be the second.
      await sameStore.exclusive("refresh", async () => {
        await refuses(store, "journal");
        same(await sameStore.read(), old, "the tokens");
      });
      await stopped.end();
    }),
  },
  {
    name: "refuses what an overtaken login writes after the next one",
    run: withStore(async (under) => {
      const { store, sameStore } = under;
      const stopped = await overtake(under, "login");
      const next = sampleText("next");
      await sameStore.exclusive(
        "login",
        () => sameStore.write(next, { kind: "login" }),
      );
      await refuses(store, "login");
      same(await sameStore.read(), next, "the next one's tokens");
      await stopped.end();
    }),
  },
  {
    name: "does not let an overtaken process bring back what was cleared",
    run: withStore(async (under) => {
      const { store, sameStore } = under;
      await store.write(sampleText("old"), { kind: "login" });
      const stopped = await overtake(under, "refresh");
      await sameStore.clear();
      await refuses(store, "refresh");
      check(isEmpty(await sameStore.read()), "the tokens are back");
      await stopped.end();
      const again = sampleText("again");
      await sameStore.exclusive(
        "login",
        () => sameStore.write(again, { kind: "login" }),
      );
      same(await store.read(), again, "the tokens of a login afterwards");
    }),
  },
  {
    name: "gives an overtaken process a turn again",
    run: withStore(async (under) => {
      const { store, sameStore } = under;
      const stopped = await overtake(under, "refresh");
      await sameStore.exclusive(
        "refresh",
        () => sameStore.write(sampleText("next"), { kind: "refresh" }),
      );
      await stopped.end();
      const text = sampleText("again");
      await store.exclusive("refresh", async () => {
        await store.write(await store.read(), { kind: "journal" });
        await store.write(text, { kind: "refresh" });
      });
      same(await sameStore.read(), text, "its tokens");
    }),
  },
];

/** A turn whose process was stopped for so long that another one may take over. */
async function overtake(
  { store, endTurn }: StoreUnderTest,
  work: ExclusiveWork,
): Promise<HeldTurn> {
  check(endTurn !== undefined, "the test is not given endTurn()");
  const turn = await beginTurn(store, work);
  await endTurn(work);
  return turn;
}

async function refuses(
  store: TokenCache,
  kind: "login" | "refresh" | "journal",
): Promise<void> {
  await fails(
    store.write(sampleText("late"), { kind }),
    isBusy,
    `a late ${kind} must be refused with the code "busy"`,
  );
}
