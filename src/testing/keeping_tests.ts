import { check, same } from "./check.ts";
import { isEmpty, sampleText } from "./sample_text.ts";
import { type StoreTest, withStore } from "./store_under_test.ts";
import { beginTurn } from "./turns.ts";

/** The tests of every store's content. */
export const keepingTests: readonly StoreTest[] = [
  {
    name: "is empty at first",
    run: withStore(async ({ store, sameStore }) => {
      check(isEmpty(await store.read()), "there are tokens in it");
      check(isEmpty(await sameStore.read()), "there are tokens in it");
    }),
  },
  {
    name: "reads exactly what was written, through any object",
    run: withStore(async ({ store, sameStore }) => {
      // A token may be a JWT of some kilobytes, and a scope in any script.
      for (const name of ["A", `${"long".repeat(4000)}`, 'ä "\\\u{1f511}']) {
        const text = sampleText(name);
        await store.write(text, { kind: "login" });
        same(await store.read(), text, "its own text");
        same(await sameStore.read(), text, "the other object's text");
      }
    }),
  },
  {
    name: "replaces what was written before, whatever it was",
    run: withStore(async ({ store, sameStore }) => {
      for (const kind of ["login", "journal", "refresh", "login"] as const) {
        const text = sampleText(`${kind} ${Math.random()}`);
        await sameStore.write(text, { kind });
        same(await store.read(), text, `after a ${kind}`);
      }
    }),
  },
  {
    name: "deletes the tokens when it is cleared, and can be used again",
    run: withStore(async ({ store, sameStore }) => {
      const text = sampleText("A");
      await store.write(text, { kind: "login" });
      await store.clear();
      check(isEmpty(await sameStore.read()), "there are tokens left");
      await sameStore.clear();
      await store.write(text, { kind: "login" });
      same(await sameStore.read(), text, "what was written afterwards");
    }),
  },
  {
    name: "keeps the tokens and the turns of two accounts apart",
    run: withStore(async ({ store, sameStore, otherAccount }) => {
      const [mine, theirs] = [sampleText("mine"), sampleText("theirs")];
      await store.write(mine, { kind: "login" });
      check(isEmpty(await otherAccount.read()), "one reads the other's tokens");
      await otherAccount.write(theirs, { kind: "login" });
      same(await sameStore.read(), mine, "the one account's tokens");
      same(await otherAccount.read(), theirs, "the other account's tokens");
      const turn = await beginTurn(store, "refresh");
      await otherAccount.exclusive("refresh", () => otherAccount.clear());
      same(await sameStore.read(), mine, "the tokens, the other's cleared");
      await store.write(mine, { kind: "journal" });
      await store.write(mine, { kind: "refresh" });
      await turn.end();
      check(isEmpty(await otherAccount.read()), "the cleared tokens are back");
    }, "one account waits for the turn of another"),
  },
  {
    name: "reads and writes in the middle of exclusive work",
    run: withStore(async ({ store, sameStore }) => {
      await store.write(sampleText("A"), { kind: "login" });
      const text = sampleText("B");
      await store.exclusive("refresh", async () => {
        const before = await store.read();
        await store.write(before, { kind: "journal" });
        await store.write(text, { kind: "refresh" });
      });
      same(await sameStore.read(), text, "what was written");
    }),
  },
];
