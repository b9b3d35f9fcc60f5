import { check } from "./check.ts";
import { sampleText } from "./sample_text.ts";
import { type StoreTest, withStore } from "./store_under_test.ts";

/** What a store does that cannot read what it holds. */
export const failureTests: readonly StoreTest[] = [
  {
    name: "rejects a read of what is damaged, or cannot be reached",
    run: withStore(async ({ store, damage }) => {
      check(damage !== undefined, "the test is not given damage()");
      await store.write(sampleText("A"), { kind: "login" });
      await damage();
      let text: string;
      try {
        text = await store.read();
      } catch (error) {
        const code = error instanceof Error && "code" in error && error.code;
        return check(
          typeof code === "string" && code.startsWith("cache_"),
          `a read must fail with a TdauthError, "cache_corrupt" or "cache_unreadable", and it failed with ${error}`,
        );
      }
      check(
        false,
        `a read must fail, and it returned ${
          text === "" ? "an empty text" : "a text"
        }`,
      );
    }),
  },
];
