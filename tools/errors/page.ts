/**
 * Reads docs/errors.md and brings its generated parts up to date. They stand
 * between HTML comments, one line for each text and out of the formatter's
 * hands, so that a change of one text changes one line. What a person wrote is
 * kept, and so is what to do about a message to which the code gives no hint.
 */
import { TOKEN_ERRORS, type Verdict } from "../../src/oauth/token_error.ts";
import type { ErrorFacts } from "./facts.ts";

/** What a person has to write. */
export const TODO = "TODO";

const CODES_BEGIN = "<!-- codes: made by tools/check_errors.ts --write -->";
const ANSWERS_BEGIN = "<!-- answers: made by tools/check_errors.ts --write -->";
const MESSAGES_BEGIN =
  "<!-- messages: made by tools/check_errors.ts --write -->";
const END = "<!-- end -->";
const UNFORMATTED = "<!-- deno-fmt-ignore-start -->";
const FORMATTED = "<!-- deno-fmt-ignore-end -->";

/** A code's section of the page. */
export interface Section {
  readonly code: string;
  readonly text: string;
  readonly exit: number | undefined;
  /** What to do, by message. */
  readonly entries: ReadonlyMap<string, readonly string[]>;
}

/**
 * Takes the page apart.
 *
 * @param page The text of docs/errors.md.
 * @returns The sections of codes.
 */
export function sectionsOf(page: string): Section[] {
  return page.split(/^(?=## )/m).filter((text) => text.startsWith("## `"))
    .map((text) => {
      const exit = /^Exit code (\d+)\./m.exec(text)?.[1];
      return {
        code: /^## `(\w+)`/.exec(text)?.[1] ?? "",
        text,
        exit: exit === undefined ? undefined : Number(exit),
        entries: entriesIn(text),
      };
    });
}

/** The list of messages, each with what to do below it. */
function entriesIn(text: string): ReadonlyMap<string, readonly string[]> {
  const entries = new Map<string, string[]>();
  let last: string[] = [];
  for (const line of contentOf(text, MESSAGES_BEGIN).split("\n")) {
    const message = /^- `(.*)`$/.exec(line)?.[1];
    const what = /^ {2}- (.*)$/.exec(line)?.[1];
    if (message !== undefined) entries.set(message, last = []);
    if (what !== undefined) last.push(what);
  }
  return entries;
}

/**
 * The table of codes as it is in the page.
 *
 * @param page The text of docs/errors.md.
 */
export function overviewIn(page: string): string {
  return contentOf(page, CODES_BEGIN);
}

/**
 * The table of codes as the code has it.
 *
 * @param facts What the code says.
 */
export function overview({ codes }: ErrorFacts): string {
  return [
    "| code | exit code | meaning |",
    "| --- | --- | --- |",
    ...codes.map(({ code, exit, meaning = TODO }) =>
      `| [\`${code}\`](#${code}) | ${exit} | ${meaning} |`
    ),
  ].join("\n");
}

/** What an answer of the token endpoint leads to. */
const OUTCOME: Readonly<Record<Verdict, string>> = {
  login_needed: "[`login_needed`](#login_needed)",
  refused: "[`login_needed`](#login_needed)",
  doubtful:
    "[`broker_unavailable`](#broker_unavailable); [`login_needed`](#login_needed) if it still comes a minute later",
  code_rejected: "[`login_failed`](#login_failed)",
  settings: "[`invalid_client`](#invalid_client)",
  transient: "[`broker_unavailable`](#broker_unavailable)",
  unexpected: "[`unexpected_answer`](#unexpected_answer)",
};

/**
 * The table of the token endpoint's answers as it is in the page.
 *
 * @param page The text of docs/errors.md.
 */
export function answersIn(page: string): string {
  return contentOf(page, ANSWERS_BEGIN);
}

/** The table of the token endpoint's answers as the code has it. */
export function answers(): string {
  return [
    "| answer of the token endpoint | at a refresh | at a login |",
    "| --- | --- | --- |",
    ...TOKEN_ERRORS.map(({ answer, refresh, exchange }) =>
      `| ${answer} | ${OUTCOME[refresh]} | ${
        exchange === undefined ? "as below" : OUTCOME[exchange]
      } |`
    ),
  ].join("\n");
}

/**
 * Brings the generated parts of the page up to date.
 *
 * @param page The text of docs/errors.md.
 * @param facts What the code says.
 * @returns The new text.
 */
export function updated(page: string, facts: ErrorFacts): string {
  const sections = sectionsOf(page);
  const firstAt = page.search(/^## `/m);
  const head = firstAt < 0 ? page : page.slice(0, firstAt);
  const tail = /^## (?!`)[\s\S]*/m.exec(page.slice(Math.max(0, firstAt)))?.[0];
  const body = facts.codes.map(({ code, exit }) => {
    const old = sections.find((one) => one.code === code);
    const list = facts.messages.filter((one) => one.code === code)
      .map(({ message, hints }) => {
        const kept = old?.entries.get(message) ?? [];
        const what = hints.length > 0 ? hints : kept;
        return [
          `- \`${message}\``,
          ...(what.length > 0 ? what : [TODO]).map((line) => `  - ${line}`),
        ].join("\n");
      });
    const text = old?.text ??
      `## \`${code}\`\n\n**What happened.** ${TODO}\n\n**What to do.** ${TODO}\n\nExit code ${exit}.\n`;
    return between(
      text.replace(/^Exit code \d+\./m, `Exit code ${exit}.`),
      MESSAGES_BEGIN,
      list.join("\n"),
    );
  });
  return [
    between(
      between(head, CODES_BEGIN, overview(facts)),
      ANSWERS_BEGIN,
      answers(),
    ),
    ...body,
    ...(tail === undefined ? [] : [tail]),
  ].map((text) => text.trimEnd()).join("\n\n") + "\n";
}

/** What stands between a comment and the next end, without blank lines around it. */
function contentOf(text: string, begin: string): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(END, from);
  if (from < 0 || to < 0) return "";
  return text.slice(from + begin.length, to)
    .replace(UNFORMATTED, "").replace(FORMATTED, "").trim();
}

function between(text: string, begin: string, content: string): string {
  const block =
    `${begin}\n${UNFORMATTED}\n\n${content}\n\n${FORMATTED}\n${END}`;
  const from = text.indexOf(begin);
  const to = text.indexOf(END, from);
  return from < 0 || to < 0
    ? `${text.trimEnd()}\n\n${block}\n`
    : `${text.slice(0, from)}${block}${text.slice(to + END.length)}`;
}
