/** What tests/login/pasted_url_test.ts does not draw: nearly right states, nearly right URLs, and very long texts. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { parsePastedUrl } from "../../src/login/pasted_url.ts";
import { runs } from "./fuzz.ts";

const STATE = "qL-2_x9-stateOfThisLogin";
const CALLBACKS = [
  "https://127.0.0.1:8182",
  "https://127.0.0.1:8182/callback?app=1",
  "http://localhost:8080/cb",
  "myapp://callback",
] as const;

function redirect(callback: string, state: string): string {
  const query = new URLSearchParams({ code: "C0.x+/=@", session: "9", state });
  return `${callback}${callback.includes("?") ? "&" : "?"}${query}`;
}

/** A text with some characters taken out, put in, doubled or changed in case. */
function mutated(text: string): fc.Arbitrary<string> {
  const change = fc.tuple(
    fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    fc.oneof(
      fc.constantFrom("take", "case", "double", "escape", "cut"),
      fc.string({ unit: "binary", minLength: 1, maxLength: 3 })
        .map((put) => `put ${put}`),
    ),
  );
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) =>
    changes.reduce((text, [where, what]) => {
      const at = Math.floor(where * text.length);
      const before = text.slice(0, at);
      const here = text.slice(at, at + 1);
      const after = text.slice(at + 1);
      switch (what) {
        case "take":
          return before + after;
        case "case":
          return before +
            (here === here.toUpperCase()
              ? here.toLowerCase()
              : here.toUpperCase()) +
            after;
        case "double":
          return before + here + here + after;
        case "escape":
          return here === ""
            ? text
            : `${before}%${
              here.charCodeAt(0).toString(16).padStart(2, "0")
            }${after}`;
        case "cut":
          return before;
        default:
          return before + what.slice(4) + here + after;
      }
    }, text)
  );
}

Deno.test("parsePastedUrl() never accepts a state that is only nearly the right one", () => {
  const state = mutated(STATE).filter((state) => state !== STATE);
  fc.assert(
    fc.property(
      fc.constantFrom(...CALLBACKS),
      state,
      fc.boolean(),
      (callback, state, bare) => {
        const url = redirect(callback, state);
        const result = parsePastedUrl(
          bare ? url.slice(url.indexOf("code=")) : url,
          callback,
          STATE,
        );
        assert.ok(
          !result.ok || result.parameters.get("state") === STATE,
          JSON.stringify(result),
        );
      },
    ),
    runs(2000),
  );
});

Deno.test("parsePastedUrl() accepts a damaged redirect only where callback URL and state are whole", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...CALLBACKS).chain((callback) =>
        fc.tuple(fc.constant(callback), mutated(redirect(callback, STATE)))
      ),
      ([callback, text]) => {
        const result = parsePastedUrl(text, callback, STATE);
        if (!result.ok) return;
        const { parameters } = result;
        assert.deepEqual(parameters.getAll("state"), [STATE]);
        const answers = [
          parameters.getAll("code"),
          parameters.getAll("error"),
        ].flat();
        assert.equal(answers.length, 1, text);
        assert.ok(parameters.getAll("iss").length <= 1);
      },
    ),
    runs(3000),
  );
});

Deno.test("parsePastedUrl() handles a text of any length quickly", () => {
  const url = redirect(CALLBACKS[0], STATE);
  const size = 200_000;
  for (
    const text of [
      `x${'"'.repeat(size)}x`,
      `${'"'.repeat(size)}x`,
      `x${">)".repeat(size / 2)} x`,
      " ".repeat(size) + url,
      `${url}${" ".repeat(size)}x`,
      `?${"&code=+".repeat(size / 7)}`,
      `?${"&amp;".repeat(size / 5)}`,
      "\x1b[20".repeat(size / 4),
      "a+.".repeat(size / 3),
      "[".repeat(size),
    ]
  ) {
    const began = performance.now();
    parsePastedUrl(text, CALLBACKS[0], STATE);
    const took = performance.now() - began;
    // A linear look takes milliseconds, a quadratic one half a minute.
    assert.ok(
      took < 20_000,
      `${took} ms for ${JSON.stringify(text.slice(0, 9))}`,
    );
  }
});
