import { check, same } from "./check.ts";
import { isEmpty, sampleText } from "./sample_text.ts";
import {
  type StoreTest,
  type StoreUnderTest,
  withStore,
} from "./store_under_test.ts";

/** How long, in seconds, a text lives in these tests. */
const LIFE = 86_400;

/** What a store does that forgets expired texts. */
export const expiryTests: readonly StoreTest[] = [
  {
    name: "keeps a text until it expires, and forgets it then",
    run: withStore(async (under) => {
      const { store, sameStore } = under;
      const text = sampleText("A");
      const expires = Date.now() / 1000 + LIFE;
      await store.write(text, { kind: "login", expires });
      await pass(under, LIFE - 60);
      same(await sameStore.read(), text, "a minute before");
      await pass(under, 120);
      check(isEmpty(await sameStore.read()), "it is there a minute later");
    }),
  },
  {
    name: "keeps a text that is written again until the new time",
    run: withStore(async (under) => {
      const { store, sameStore } = under;
      const now = Date.now() / 1000;
      await store.write(sampleText("A"), { kind: "login", expires: now + 60 });
      const text = sampleText("B");
      await store.write(text, { kind: "refresh", expires: now + LIFE });
      await pass(under, 3600);
      same(await sameStore.read(), text, "an hour later");
    }),
  },
  {
    name:
      "keeps a text whose end is not known, in the place of one that expires",
    run: withStore(async (under) => {
      const { store, sameStore } = under;
      const expires = Date.now() / 1000 + 60;
      await store.write(sampleText("A"), { kind: "login", expires });
      const text = sampleText("B");
      await store.write(text, { kind: "refresh" });
      await pass(under, 3600);
      same(await sameStore.read(), text, "an hour later");
    }),
  },
  {
    name: "keeps a text whose end is not known",
    run: withStore(async (under) => {
      const { store, sameStore } = under;
      const text = sampleText("A");
      await store.write(text, { kind: "login" });
      await pass(under, LIFE);
      same(await sameStore.read(), text, "a day later");
    }),
  },
];

async function pass(
  { advance }: StoreUnderTest,
  seconds: number,
): Promise<void> {
  check(advance !== undefined, "the test is not given advance()");
  await advance(seconds);
}
