/** Compares docs/errors.md with the code. */
import type { ErrorFacts } from "./facts.ts";
import type { ErrorMessage } from "./messages.ts";
import {
  answers,
  answersIn,
  overview,
  overviewIn,
  type Section,
  sectionsOf,
  TODO,
} from "./page.ts";

/**
 * Finds where the page and the code do not say the same, and what is not in the
 * grammar of messages.
 *
 * @param page The text of docs/errors.md.
 * @param facts What the code says.
 * @returns What is wrong, a line each.
 */
export function problemsOf(page: string, facts: ErrorFacts): string[] {
  const sections = sectionsOf(page);
  const problems = [
    ...facts.unreadable,
    ...facts.strangers.map((code) =>
      `src/base/errors.ts: the docstring has "${code}", which is no code`
    ),
    ...sectionProblems(sections, facts),
    ...facts.codes.flatMap((code) =>
      codeProblems(
        code,
        sections.find((one) => one.code === code.code),
        facts.messages,
      )
    ),
    ...facts.messages.flatMap((message) => grammarProblems(message, facts)),
  ];
  if (problems.length === 0 && overview(facts) !== overviewIn(page)) {
    problems.push("docs/errors.md: the table of codes is out of date");
  }
  if (problems.length === 0 && answers() !== answersIn(page)) {
    problems.push("docs/errors.md: the table of answers is out of date");
  }
  return problems;
}

function sectionProblems(
  sections: readonly Section[],
  { codes }: ErrorFacts,
): string[] {
  const known = codes.map(({ code }) => code);
  const found = sections.map(({ code }) => code);
  const order = found.filter((code) => known.includes(code));
  const ordered = known.filter((code) => order.includes(code));
  return [
    ...found.filter((code) => !known.includes(code)).map((code) =>
      `docs/errors.md: "${code}" is no code`
    ),
    ...(order.join() === ordered.join() ? [] : [
      "docs/errors.md: the sections are not in the order of TdauthErrorCode",
    ]),
  ];
}

function codeProblems(
  { code, exit, meaning }: ErrorFacts["codes"][number],
  section: Section | undefined,
  messages: readonly ErrorMessage[],
): string[] {
  const problems: string[] = [];
  if (meaning === undefined) {
    problems.push(`src/base/errors.ts: the docstring lacks "${code}"`);
  }
  if (section === undefined) {
    return [...problems, `docs/errors.md: "${code}" is missing`];
  }
  if (section.exit !== exit) {
    problems.push(
      `docs/errors.md: "${code}" exits with ${exit}, not ${section.exit}`,
    );
  }
  for (const label of ["What happened", "What to do"]) {
    if (!new RegExp(`\\*\\*${label}\\.\\*\\* (?!${TODO})`).test(section.text)) {
      problems.push(`docs/errors.md: "${code}" does not say "${label}."`);
    }
  }
  return [...problems, ...messageProblems(code, section.entries, messages)];
}

function messageProblems(
  code: string,
  entries: Section["entries"],
  messages: readonly ErrorMessage[],
): string[] {
  const own = messages.filter((one) => one.code === code);
  return [
    ...own.flatMap(({ message, hints, path, line }) => {
      const what = entries.get(message);
      if (what === undefined) {
        return `docs/errors.md: "${code}" lacks "${message}" (${path}:${line})`;
      }
      if (what.length === 0 || what.includes(TODO)) {
        return `docs/errors.md: nothing to do about "${message}"`;
      }
      return hints.length > 0 && inWords(hints) !== inWords(what)
        ? `docs/errors.md: "${message}" has the hint "${
          inWords(hints)
        }", not "${inWords(what)}"`
        : [];
    }),
    ...[...entries.keys()]
      .filter((message) => !own.some((one) => one.message === message))
      .map((message) =>
        `docs/errors.md: "${code}" has "${message}", which the code has not`
      ),
  ];
}

function inWords(hints: readonly string[]): string {
  return hints.join(" — or: ");
}

function grammarProblems(
  { code, message, path, line }: ErrorMessage,
  { codes }: ErrorFacts,
): string[] {
  const inGrammar = /^(Cannot .+?: .+|….+)$/s.test(message) &&
    !/[.!]$/.test(message);
  return [
    ...(codes.some((one) => one.code === code)
      ? []
      : [`${path}:${line}: the code of "${message}" cannot be read`]),
    ...(inGrammar ? [] : [
      `${path}:${line}: "${message}" is not "Cannot <what>: <why>" without a full stop`,
    ]),
  ];
}
