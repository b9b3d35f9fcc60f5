// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Fails when docs/errors.md and the code do not say the same: a code, an exit
 * code or a message that one has and the other has not, a message without
 * something to do, one that is not in the grammar `Cannot <what>: <why>`.
 *
 * `--write` brings the generated parts of the page up to date. They stand
 * between HTML comments; what a person wrote is kept, and so is what to do about
 * a message to which the code gives no hint.
 */
import { fileURLToPath } from "node:url";
import { exitCode } from "../src/cli/terminal/exit_code.ts";
import { TdauthError, type TdauthErrorCode } from "../src/errors.ts";
import {
  type ErrorMessage,
  errorMessages,
  type SourceFile,
} from "./error_messages.ts";
import { denoProcess } from "./deno.ts";

/** What the code says about its errors. */
export interface ErrorFacts {
  /** The codes in their order, with what they mean. */
  readonly codes: readonly {
    readonly code: string;
    readonly exit: number;
    /** From the table in the docstring; absent when it is not there. */
    readonly meaning: string | undefined;
  }[];
  /** Codes that the docstring has and the type has not. */
  readonly strangers: readonly string[];
  /** The messages. */
  readonly messages: readonly ErrorMessage[];
}

const CODES_BEGIN = "<!-- codes: made by tools/check_errors.ts --write -->";
const MESSAGES_BEGIN =
  "<!-- messages: made by tools/check_errors.ts --write -->";
const END = "<!-- end -->";
const TODO = "TODO";

/**
 * Reads what the code says about its errors.
 *
 * @param files The source files.
 * @param errors The text of src/errors.ts.
 * @returns The facts.
 */
export function errorFacts(
  files: readonly SourceFile[],
  errors: string,
): ErrorFacts {
  const union = /type TdauthErrorCode =([^;]*);/.exec(errors)?.[1] ?? "";
  const meanings = new Map(
    [...errors.matchAll(/^ \* \| `(\w+)` \| (.+) \|$/gm)].map((
      [, code = "", meaning = ""],
    ) => [code, meaning]),
  );
  const codes = [...union.matchAll(/"(\w+)"/g)].map(([, code = ""]) => ({
    code,
    exit: exitCode(new TdauthError(code as TdauthErrorCode, "")),
    meaning: meanings.get(code),
  }));
  return {
    codes,
    strangers: [...meanings.keys()].filter((name) =>
      !codes.some(({ code }) => code === name)
    ),
    messages: errorMessages(files),
  };
}

/**
 * Compares the page with the code.
 *
 * @param page The text of docs/errors.md.
 * @param facts What the code says.
 * @returns What is wrong, a line each.
 */
export function problemsOf(page: string, facts: ErrorFacts): string[] {
  const problems: string[] = facts.strangers.map((code) =>
    `src/errors.ts: the docstring has "${code}", which is no code`
  );
  const sections = sectionsOf(page);
  const known = facts.codes.map(({ code }) => code);
  for (const { code } of sections) {
    if (!known.includes(code)) {
      problems.push(`docs/errors.md: "${code}" is no code`);
    }
  }
  const order = sections.map(({ code }) => code)
    .filter((code) => known.includes(code));
  if (order.join() !== known.filter((code) => order.includes(code)).join()) {
    problems.push(
      "docs/errors.md: the sections are not in the order of TdauthErrorCode",
    );
  }
  for (const { code, exit, meaning } of facts.codes) {
    if (meaning === undefined) {
      problems.push(`src/errors.ts: the docstring lacks "${code}"`);
    }
    const section = sections.find((one) => one.code === code);
    if (section === undefined) {
      problems.push(`docs/errors.md: "${code}" is missing`);
      continue;
    }
    if (section.exit !== exit) {
      problems.push(
        `docs/errors.md: "${code}" exits with ${exit}, not ${section.exit}`,
      );
    }
    for (const label of ["What happened", "What to do"]) {
      if (
        !new RegExp(`\\*\\*${label}\\.\\*\\* (?!${TODO})`).test(section.text)
      ) {
        problems.push(`docs/errors.md: "${code}" does not say "${label}."`);
      }
    }
    problems.push(...messageProblems(code, section.rows, facts.messages));
  }
  for (const { code, message, path } of facts.messages) {
    if (!known.includes(code)) {
      problems.push(`${path}: the code of "${message}" cannot be read`);
    }
    if (!/^(Cannot .+?: .+|….+)$/s.test(message) || /[.!]$/.test(message)) {
      problems.push(
        `${path}: "${message}" is not "Cannot <what>: <why>" without a full stop`,
      );
    }
  }
  if (problems.length === 0 && overview(facts) !== overviewOf(page)) {
    problems.push("docs/errors.md: the table of codes is out of date");
  }
  return problems;
}

function messageProblems(
  code: string,
  rows: ReadonlyMap<string, string>,
  messages: readonly ErrorMessage[],
): string[] {
  const problems: string[] = [];
  const own = messages.filter((one) => one.code === code);
  for (const one of own) {
    const cell = rows.get(one.message);
    const hint = hintOf(one);
    if (cell === undefined) {
      problems.push(
        `docs/errors.md: "${code}" lacks "${one.message}" (${one.path})`,
      );
    } else if (cell === "" || cell === TODO) {
      problems.push(`docs/errors.md: nothing to do about "${one.message}"`);
    } else if (hint !== undefined && cell !== hint) {
      problems.push(
        `docs/errors.md: "${one.message}" has the hint "${hint}", not "${cell}"`,
      );
    }
  }
  for (const message of rows.keys()) {
    if (!own.some((one) => one.message === message)) {
      problems.push(
        `docs/errors.md: "${code}" has "${message}", which the code has not`,
      );
    }
  }
  return problems;
}

/**
 * Brings the generated parts of the page up to date.
 *
 * @param page The text of docs/errors.md.
 * @param facts What the code says.
 * @returns The new text, not yet formatted.
 */
export function updated(page: string, facts: ErrorFacts): string {
  const sections = sectionsOf(page);
  const firstAt = page.search(/^## `/m);
  const head = firstAt < 0 ? page : page.slice(0, firstAt);
  const tail = /^## (?!`)[\s\S]*/m.exec(page.slice(Math.max(0, firstAt)))?.[0];
  const body = facts.codes.map(({ code, exit }) => {
    const old = sections.find((one) => one.code === code);
    const rows = facts.messages.filter((one) => one.code === code)
      .map((one) =>
        row(
          `\`${one.message}\``,
          hintOf(one) ?? old?.rows.get(one.message) ?? TODO,
        )
      );
    const text = old?.text ??
      `## \`${code}\`\n\n**What happened.** ${TODO}\n\n**What to do.** ${TODO}\n\nExit code ${exit}.\n\n${MESSAGES_BEGIN}\n${END}\n`;
    return between(
      text.replace(/^Exit code \d+\./m, `Exit code ${exit}.`),
      MESSAGES_BEGIN,
      [row("message", "what to do"), "| --- | --- |", ...rows].join("\n"),
    );
  });
  return [
    between(head, CODES_BEGIN, overview(facts)),
    ...body,
    ...(tail === undefined ? [] : [tail]),
  ].map((text) => text.trimEnd()).join("\n\n") + "\n";
}

function overview({ codes }: ErrorFacts): string {
  return [
    row("code", "exit code", "meaning"),
    "| --- | --- | --- |",
    ...codes.map(({ code, exit, meaning }) =>
      row(`[\`${code}\`](#${code})`, String(exit), meaning ?? TODO)
    ),
  ].join("\n");
}

/** The table of codes as it is in the page, without the formatter's padding. */
function overviewOf(page: string): string {
  return tableIn(page, CODES_BEGIN)
    .map((cells) =>
      cells.every((cell) => /^-+$/.test(cell))
        ? "| --- | --- | --- |"
        : row(...cells)
    ).join("\n");
}

/** What the code says about what to do. */
function hintOf({ hints }: ErrorMessage): string | undefined {
  return hints.length === 0 ? undefined : hints.join(" — or: ");
}

interface Section {
  readonly code: string;
  readonly text: string;
  readonly exit: number | undefined;
  /** What to do, by message. */
  readonly rows: ReadonlyMap<string, string>;
}

function sectionsOf(page: string): Section[] {
  return page.split(/^(?=## )/m).filter((text) => text.startsWith("## `"))
    .map((text) => {
      const exit = /^Exit code (\d+)\./m.exec(text)?.[1];
      return {
        code: /^## `(\w+)`/.exec(text)?.[1] ?? "",
        text,
        exit: exit === undefined ? undefined : Number(exit),
        rows: new Map(
          tableIn(text, MESSAGES_BEGIN).slice(2).map((
            [message = "", what = ""],
          ) => [message.replace(/^`(.*)`$/, "$1"), what]),
        ),
      };
    });
}

function row(...cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function tableIn(text: string, begin: string): string[][] {
  const from = text.indexOf(begin);
  const to = text.indexOf(END, from);
  if (from < 0 || to < 0) return [];
  return text.slice(from, to).split("\n").filter((line) => line.startsWith("|"))
    .map((line) =>
      line.slice(1).replace(/\|\s*$/, "").split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll("\\|", "|"))
    );
}

function between(text: string, begin: string, content: string): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(END, from);
  return from < 0 || to < 0
    ? `${text.trimEnd()}\n\n${begin}\n\n${content}\n\n${END}\n`
    : `${text.slice(0, from)}${begin}\n\n${content}\n\n${text.slice(to)}`;
}

/**
 * Reads the facts from this repository.
 *
 * @returns What its code says.
 */
export function factsHere(): ErrorFacts {
  const root = new URL("../", import.meta.url);
  const read = (path: string) => Deno.readTextFileSync(new URL(path, root));
  const list = (folder: string): string[] =>
    [...Deno.readDirSync(new URL(folder, root))].flatMap((
      { name, isDirectory },
    ) =>
      isDirectory
        ? list(`${folder}${name}/`)
        : name.endsWith(".ts")
        ? [`${folder}${name}`]
        : []
    ).sort();
  const files = list("src/").map((path) => ({ path, text: read(path) }));
  return errorFacts(files, read("src/errors.ts"));
}

async function main(): Promise<void> {
  const path = new URL("../docs/errors.md", import.meta.url);
  const facts = factsHere();
  if (Deno.args.includes("--write")) {
    Deno.writeTextFileSync(
      path,
      updated(Deno.readTextFileSync(path), facts),
    );
    await denoProcess(["fmt", "--quiet", fileURLToPath(path)]).output();
  }
  const problems = problemsOf(Deno.readTextFileSync(path), facts);
  if (problems.length > 0) {
    console.error(
      problems.join("\n") +
        "\n\ndeno run -A tools/check_errors.ts --write brings docs/errors.md up to date",
    );
    Deno.exit(1);
  }
  console.log(
    `errors: ${facts.codes.length} codes and ${facts.messages.length} messages as in docs/errors.md`,
  );
}

if (import.meta.main) await main();
