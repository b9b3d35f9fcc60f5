import { check, isBusy, same, sleep } from "./check.ts";
import { sampleText } from "./sample_text.ts";
import {
  type StoreTest,
  type StoreUnderTest,
  withStore,
} from "./store_under_test.ts";
import { askForTurn, beginTurn } from "./turns.ts";

/** How long, in seconds, a lease is in the tests that wait for its end. */
const LEASE = 2;
/** How long, in milliseconds, a turn that must not begin is watched. */
const WATCHED = 500;

/** How the turns of a store of many processes begin and end. */
export const leaseTests: readonly StoreTest[] = [
  {
    name: "keeps a turn that takes longer than a lease",
    run: withStore(async (under) => {
      const { store, sameStore } = under;
      const long = await beginTurn(await withLease(under), "refresh");
      const next = askForTurn(sameStore, "refresh");
      await sleep(LEASE * 2250);
      check(!next.ran(), "a turn was lost while its work went on: renew it");
      await long.end();
      await next.over;
      await store.exclusive("refresh", () => Promise.resolve());
    }),
  },
  {
    name: "does not renew the turn of an overtaken process",
    run: withStore(async (under) => {
      const { sameStore, endTurn } = under;
      check(endTurn !== undefined, "the test is not given endTurn()");
      const stopped = await beginTurn(await withLease(under), "refresh");
      await endTurn("refresh");
      await sameStore.exclusive("refresh", async () => {
        await sleep(LEASE * 750); // the stopped one tries to renew twice
        const text = sampleText("next");
        try {
          await sameStore.write(text, { kind: "journal" });
        } catch (error) {
          check(!isBusy(error), "renew takes the lock from another owner");
          throw error;
        }
        same(await sameStore.read(), text, "the journal");
      });
      await stopped.end();
    }),
  },
  {
    name: "does not release the turn of the next process for an overtaken one",
    run: withStore(async (under) => {
      const { store, sameStore, endTurn } = under;
      check(endTurn !== undefined, "the test is not given endTurn()");
      const stopped = await beginTurn(store, "refresh");
      await endTurn("refresh");
      const next = await beginTurn(sameStore, "refresh");
      await stopped.end();
      const third = askForTurn(store, "refresh");
      await sleep(WATCHED);
      check(!third.ran(), "release frees the lock of another owner");
      await next.end();
      await third.over;
    }),
  },
  {
    name: "holds the turn again with a journal after its lease, or refuses it",
    run: withStore(async (under) => {
      const { store, sameStore, endTurn } = under;
      check(endTurn !== undefined, "the test is not given endTurn()");
      const stopped = await beginTurn(store, "refresh");
      await endTurn("refresh");
      try {
        await store.write(sampleText("A"), { kind: "journal" });
      } catch (error) {
        if (!isBusy(error)) throw error;
        return await stopped.end();
      }
      // A request with the refresh token follows: no other process may send one.
      const next = askForTurn(sameStore, "refresh");
      await sleep(WATCHED);
      check(!next.ran(), "a journal does not prolong the turn by a lease");
      await stopped.end();
      await next.over;
    }),
  },
  {
    name: "keeps a login during which a refresh wrote a journal alone",
    run: withStore(async ({ store, sameStore }) => {
      const text = sampleText("login");
      await store.exclusive("login", async () => {
        await sameStore.exclusive(
          "refresh",
          () => sameStore.write(sampleText("old"), { kind: "journal" }),
        );
        try {
          await store.write(text, { kind: "login" });
        } catch (error) {
          check(!isBusy(error), "a journal raises the fence of the text");
          throw error;
        }
      });
      same(await sameStore.read(), text, "the tokens of the login");
    }),
  },
];

function withLease({ openWithLease }: StoreUnderTest) {
  check(openWithLease !== undefined, "the test is not given openWithLease()");
  return openWithLease(LEASE);
}
