import assert from "node:assert/strict";
import { TdauthError } from "../../mod.ts";
import {
  type ErrorFacts,
  errorFacts,
  factsHere,
} from "../../tools/errors/facts.ts";
import { errorMessages } from "../../tools/errors/messages.ts";
import { updated } from "../../tools/errors/page.ts";
import { problemsOf } from "../../tools/errors/problems.ts";

const page = Deno.readTextFileSync(
  new URL("../../docs/errors.md", import.meta.url),
);
const facts = factsHere();

Deno.test("TdauthError keeps its code, hint and cause, and is an Error", () => {
  const cause = new Error("why");
  const error = new TdauthError("busy", "Cannot go on: it is in use", {
    hint: "wait",
    cause,
  });
  assert.ok(error instanceof Error);
  assert.deepEqual(
    [error.name, error.code, error.message, `${error.hint}`, error.cause],
    ["TdauthError", "busy", "Cannot go on: it is in use", "wait", cause],
  );
  const bare = new TdauthError("busy", "Cannot go on: it is in use");
  assert.equal(bare.hint, undefined);
  assert.ok(!("cause" in bare));
});

Deno.test("docs/errors.md has every code, exit code and message that the code has", () => {
  assert.deepEqual(problemsOf(page, facts), []);
});

Deno.test("errorMessages() finds a message in every file that makes a TdauthError", () => {
  const root = new URL("../../src/", import.meta.url);
  const list = (folder: URL): URL[] =>
    [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
      isDirectory ? list(new URL(`${name}/`, folder)) : [new URL(name, folder)]
    );
  for (const url of list(root)) {
    const text = Deno.readTextFileSync(url);
    const made = text.match(/\bnew TdauthError\(/g)?.length ?? 0;
    if (made === 0) continue;
    const path = `src/${url.href.slice(root.href.length)}`;
    // One passes on the messages of others, and a preset has the reason of the other's.
    if (/base\/with_hint|login\/check_login/.test(path)) continue;
    assert.ok(errorMessages([{ path, text }]).messages.length > 0, path);
  }
});

/** The problems of a page that was changed. */
function problemsAfter(change: (page: string) => string): string {
  const changed = change(page);
  assert.notEqual(changed, page);
  return problemsOf(changed, facts).join("\n");
}

Deno.test("check_errors says when docs/errors.md lacks a code", () => {
  assert.match(
    problemsAfter((text) => text.replace("## `busy`", "## busy")),
    /"busy" is missing/,
  );
});

Deno.test("check_errors says when docs/errors.md has an unknown code", () => {
  assert.match(
    problemsAfter((text) => text.replace("## `busy`", "## `lazy`")),
    /"lazy" is no code/,
  );
});

Deno.test("check_errors says when docs/errors.md has a wrong exit code", () => {
  assert.match(
    problemsAfter((text) => text.replace("Exit code 3.", "Exit code 1.")),
    /"login_needed" exits with 3, not 1/,
  );
});

Deno.test("check_errors says when docs/errors.md lacks a message, or has one too many", () => {
  const problems = problemsAfter((text) =>
    text.replace("`Cannot open a browser: none", "`Cannot open a door: none")
  );
  assert.match(problems, /lacks "Cannot open a browser: none is installed/);
  assert.match(problems, /has "Cannot open a door: none .* the code has not/);
});

Deno.test("check_errors says when docs/errors.md has another hint, or nothing to do", () => {
  assert.match(
    problemsAfter((text) => text.replace("run it with --allow-net=…", "hope")),
    /has the hint "run it with --allow-net=…", not "hope"/,
  );
  assert.match(
    problemsAfter((text) =>
      text.replace(/- use the URL that is printed by.*/, "- TODO")
    ),
    /nothing to do about "Cannot use "…" for --approve/,
  );
});

Deno.test("check_errors says when docs/errors.md is not in the codes' order", () => {
  assert.match(
    problemsAfter((text) =>
      text.replace("## `login_denied`", "## `x`")
        .replace("## `login_timeout`", "## `login_denied`")
        .replace("## `x`", "## `login_timeout`")
    ),
    /not in the order/,
  );
});

Deno.test("check_errors says when the table of codes is out of date", () => {
  assert.match(
    problemsAfter((text) => text.replace("| no browser could be", "| no fox")),
    /the table of codes is out of date/,
  );
});

Deno.test("check_errors says when the docstring lacks a code or has a stranger", () => {
  const text = `
/**
 * | \`port_in_use\` | a |
 * | \`strange\` | b |
 */
export type TdauthErrorCode = | "port_in_use" | "busy";`;
  const problems = problemsOf(
    "",
    errorFacts([{ path: "src/base/errors.ts", text }]),
  ).join("\n");
  assert.match(problems, /the docstring has "strange", which is no code/);
  assert.match(problems, /the docstring lacks "busy"/);
});

Deno.test("check_errors says when a message is not in the grammar", () => {
  for (
    const message of [
      "No browser",
      "Cannot open a browser",
      "Cannot open a browser: there is none.",
    ]
  ) {
    const wrong: ErrorFacts = {
      ...facts,
      messages: [{
        code: "busy",
        message,
        hints: [],
        path: "src/x.ts",
        line: 7,
      }],
    };
    assert.match(
      problemsOf(page, wrong).join("\n"),
      /src\/x\.ts:7: .* is not/,
    );
  }
});

Deno.test("updated() changes nothing in a page that is up to date", () => {
  assert.equal(updated(page, facts), page);
});

Deno.test("updated() changes one line for a message that grows, and one for a hint", () => {
  const longer = `${"longer ".repeat(9)}than it was`;
  const grown: ErrorFacts = {
    ...facts,
    messages: facts.messages.map((one, index) =>
      index === 5
        ? {
          ...one,
          message: `${one.message} ${longer}`,
          hints: one.hints.map((hint) => `${hint} ${longer}`),
        }
        : one
    ),
  };
  const lines = new Set(page.split("\n"));
  const changed = updated(page, grown).split("\n")
    .filter((line) => !lines.has(line));
  assert.equal(changed.length, 2);
});

Deno.test("updated() adds a section and a row that a person must complete", () => {
  const more: ErrorFacts = {
    codes: [...facts.codes, { code: "new_one", exit: 1, meaning: "new" }],
    strangers: [],
    unreadable: [],
    messages: [...facts.messages, {
      code: "new_one",
      message: "Cannot x: y",
      hints: [],
      path: "src/x.ts",
      line: 1,
    }],
  };
  const text = updated(page, more);
  assert.match(text, /## `new_one`[\s\S]*`Cannot x: y`\n {2}- TODO\n/);
  const problems = problemsOf(text, more).join("\n");
  assert.match(problems, /"new_one" does not say "What to do\."/);
  assert.match(problems, /nothing to do about "Cannot x: y"/);
});

/** The messages in one source text, as `code: message -> hints`. */
function messagesIn(text: string): string[] {
  return errorMessages([{ path: "src/a.ts", text }]).messages.map((
    { code, message, hints },
  ) => `${code}: ${message} -> ${hints.join(" / ")}`);
}

Deno.test("errorMessages() reads literals, templates, choices and constants", () => {
  assert.deepEqual(
    messagesIn(`
      const why = bad ? "it is really very bad" : "it is \\"not\\" very good";
      const regex = /["'\`/*]/; // new TdauthError("busy", "a comment")
      throw new TdauthError(
        "busy",
        \`Cannot use "\${name}" as \${VALUES[name]}: \${why}\`,
        { cause, hint: few ? "take more" : \`take \${n} fewer\` },
      );`),
    [
      'busy: Cannot use "…" as …: it is really very bad -> take more / take … fewer',
      'busy: Cannot use "…" as …: it is "not" very good -> take more / take … fewer',
    ],
  );
});

Deno.test("errorMessages() follows the helpers that make an error", () => {
  assert.deepEqual(
    messagesIn(`
      function bad(path: string, map: Record<string, string>, why: string, hint = "mend it"): TdauthError {
        return new TdauthError("invalid_options", \`Cannot read "\${path}": \${why}\`, { hint });
      }
      const make = (code: TdauthErrorCode, why: string, hint?: string) =>
        new TdauthError(code, \`Cannot go on: \${why}\`, { ...(hint !== undefined && { hint }) });
      throw bad(path, {}, "it is not JSON");
      throw bad(path, {}, error.message, "look");
      throw make("busy", \`\${count} are at it\`);`),
    [
      'invalid_options: Cannot read "…": it is not JSON -> mend it',
      'invalid_options: Cannot read "…": … -> look',
      "busy: Cannot go on: … are at it -> ",
    ],
  );
});

Deno.test("errorMessages() names a code that it cannot read", () => {
  const { messages } = errorMessages([{
    path: "src/a.ts",
    text: 'throw new TdauthError(error.code, "Cannot go on: no");',
  }]);
  assert.match(
    problemsOf(page, { ...facts, messages }).join("\n"),
    /src\/a\.ts:1: the code of "Cannot go on: no" cannot be read/,
  );
});
