import assert from "node:assert/strict";
import { errorMessages } from "../../tools/errors/messages.ts";

/** The hints of the errors in a source text, and what cannot be read. */
function hintsIn(text: string, ...more: readonly string[]) {
  const { messages, unreadable } = errorMessages(
    [text, ...more].map((text, index) => ({ path: `src/${index}.ts`, text })),
  );
  return { hints: messages.flatMap(({ hints }) => hints), unreadable };
}

/** An error whose options are these. */
function thrown(options: string): string {
  return `throw new TdauthError("busy", "Cannot x: it is busy", ${options});`;
}

const FORMS: readonly (readonly [string, readonly string[]])[] = [
  [`"wait"`, ["wait"]],
  ["`wait ${n} s`", ["wait … s"]],
  [`"wait, " + "then log in"`, ["wait, then log in"]],
  [`undefined`, []],
  [
    `{ text: "log in:", command: ["login"] }`,
    ["log in: `tdauth login`"],
  ],
  [
    "{ text: `say it again`, command: ['login', '--provider', name] }",
    ["say it again `tdauth login --provider …`"],
  ],
  [
    `{ text: "run", command: ["cert", ...flags, few ? "renew" : "a longer command"] }`,
    ["run `tdauth cert … renew`", "run `tdauth cert … a longer command`"],
  ],
  [`{ text: "wait" } satisfies HintStep`, ["wait"]],
  [
    `[{ text: "run", command: ["login"] }, "or wait"]`,
    ["run `tdauth login`, or wait"],
  ],
  [
    `["wait", ...(late ? [{ text: "or run", command: ["doctor"] }] : [])]`,
    ["wait, or run `tdauth doctor`", "wait"],
  ],
  [
    `late ? { text: "run", command: ["doctor"] } : (few && "wait")`,
    ["run `tdauth doctor`", "wait"],
  ],
  [`given ?? "wait"`, ["wait"]],
  [`lookAt(few)`, ["see whether few hangs", "run `tdauth doctor`"]],
  [`imported`, ["from elsewhere"]],
  [`error.hint`, []],
  [`said.replace("a", "b")`, []],
];

const HELPERS = `
  function lookAt(few: boolean): HintInput {
    if (few) return "see whether few hangs";
    const unused = () => { return "not returned by it"; };
    return { text: "run", command: ["doctor"] };
  }
  const given = undefined;`;

Deno.test("errorMessages() reads a hint in every form", () => {
  for (const [form, expected] of FORMS) {
    assert.deepEqual(
      hintsIn(
        `${HELPERS} ${thrown(`{ hint: ${form}, cause }`)}`,
        `export const imported = "from elsewhere";`,
      ),
      { hints: expected, unreadable: [] },
      form,
    );
  }
});

Deno.test("errorMessages() reads hints that are spread, shorthand or named options", () => {
  const step = `{ text: "run", command: ["login"] }`;
  for (
    const text of [
      `const hint = ${step}; ${thrown("{ hint }")}`,
      `const hint = ${step}; ${
        thrown("{ ...(hint !== undefined && { hint }), cause }")
      }`,
      `const options = { hint: ${step} }; ${thrown("options")}`,
      thrown(`late ? { hint: ${step} } : {}`),
      `class Late extends TdauthError { constructor() { super("busy", "Cannot x: y", { hint: ${step} }); } }`,
    ]
  ) {
    assert.deepEqual(
      hintsIn(text),
      { hints: ["run `tdauth login`"], unreadable: [] },
      text,
    );
  }
});

Deno.test("errorMessages() follows a hint through the helpers that make an error", () => {
  assert.deepEqual(
    hintsIn(
      `export function busy(hint: HintInput = "wait"): TdauthError {
         return new TdauthError("busy", "Cannot x: y", { hint });
       }
       busy();`,
      `throw busy({ text: "run", command: ["doctor"] });
       throw busy(["one", "two"]);`,
    ),
    { hints: ["wait", "run `tdauth doctor`", "one, two"], unreadable: [] },
  );
});

Deno.test("errorMessages() takes texts of providers over into hints", () => {
  const { messages } = errorMessages([
    {
      path: "src/providers/one.ts",
      text:
        `export const one = { closed: { why: "it is closed", hint: { text: "run", command: ["import"] } }, hint: "not this" };`,
    },
    {
      path: "src/a.ts",
      text:
        "throw new TdauthError('busy', `Cannot x: ${p.closed.why}`, { hint: p.closed.hint });",
    },
  ]);
  assert.deepEqual(messages.map(({ hints }) => hints), [[
    "run `tdauth import`",
  ]]);
});

Deno.test("errorMessages() reports a hint that it cannot read, with its line", () => {
  for (
    const options of [
      "{ hint: HINTS[code] }",
      "{ hint: unknown }",
      "{ hint: make() }",
      "{ hint: new Hint(text) }",
      `{ hint: { command: ["login"] } }`,
      `{ hint: { text: "run", command: words } }`,
      `{ hint: ["wait", unknown] }`,
      "{ hint() { return 1; } }",
      "{ ...more }",
      "options",
    ]
  ) {
    const { unreadable } = hintsIn(`\n\n${thrown(options)}`);
    assert.equal(unreadable.length, 1, options);
    assert.match(
      unreadable[0] ?? "",
      /^src\/0\.ts:3 has a hint that cannot be read: ".+"; write it as /s,
    );
  }
});
