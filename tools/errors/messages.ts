/**
 * Finds the messages and hints of every `TdauthError` in source text, without
 * running it. What it cannot know, it writes as `…`.
 */
import ts from "typescript";
import { hintsOf } from "./hints.ts";
import { type Context, scopesAt } from "./scope.ts";
import { lineOf, parse, type Parsed, type SourceFile } from "./source.ts";
import { ANY, textsOf, tidy } from "./texts.ts";

/** One message that the code can give. */
export interface ErrorMessage {
  /** The error's code. */
  readonly code: string;
  /** The message, `…` for what varies. */
  readonly message: string;
  /** The hints, `…` for what varies; empty when the code has none. */
  readonly hints: readonly string[];
  /** Where it is made: the file, and the line counted from 1. */
  readonly path: string;
  readonly line: number;
}

/** What was found in the code. */
export interface Found {
  readonly messages: readonly ErrorMessage[];
  /** Hints that cannot be read, a line each. */
  readonly unreadable: readonly string[];
}

/** Errors that `brokerError()` turns into a `TdauthError`, with the argument that is its reason. */
const CARRIERS: Readonly<Record<string, readonly [string, number]>> = {
  TransientError: ["broker_unavailable", 0],
  InvalidResponseError: ["unexpected_answer", 1],
};

/**
 * Finds every message.
 *
 * @param sources The source files.
 * @returns The messages, each once, in the order of the files.
 */
export function errorMessages(sources: readonly SourceFile[]): Found {
  const files = sources.map(parse);
  const unreadable = new Set<string>();
  const found = new Map<string, ErrorMessage & { hints: string[] }>();
  const add = (
    file: Parsed,
    place: ts.Node,
    code: string,
    message: string,
    hints: readonly string[],
  ) => {
    const text = tidy(message);
    if (text === ANY) return; // another error's message, taken over
    const key = `${code} ${text}`;
    const entry = found.get(key) ?? {
      code,
      message: text,
      hints: [],
      path: file.path,
      line: lineOf(file, place),
    };
    found.set(key, entry);
    entry.hints.push(...hints.filter((hint) => !entry.hints.includes(hint)));
  };
  for (const file of files) {
    for (const { place, args: [code, message, options] } of made(file)) {
      if (code === undefined || message === undefined) continue;
      for (const scope of scopesAt(files, file, place)) {
        const context: Context = { files, file, scope, depth: 0 };
        const hints = hintsOf(
          options,
          context,
          (problem) => unreadable.add(problem),
        );
        for (const c of textsOf(code, context)) {
          for (const m of textsOf(message, context)) {
            add(file, place, c, m, hints);
          }
        }
      }
    }
    for (const construction of file.constructions) {
      const [code, index] = CARRIERS[nameOf(construction.expression)] ?? [];
      const why = construction.arguments?.[index ?? 0];
      if (code === undefined || why === undefined) continue;
      const context: Context = { files, file, scope: new Map(), depth: 0 };
      for (const text of textsOf(why, context)) {
        add(file, construction, code, `Cannot ${ANY}: ${text}`, []);
      }
    }
  }
  const all = [...found.values()];
  return {
    messages: all.filter((one) => !all.some((other) => covers(other, one))),
    unreadable: [...unreadable],
  };
}

/** `new TdauthError(…)`, and `super(…)` in a class that extends it. */
function made(
  file: Parsed,
): { readonly place: ts.Node; readonly args: readonly ts.Expression[] }[] {
  return [
    ...file.constructions
      .filter(({ expression }) => nameOf(expression) === "TdauthError")
      .map((place) => ({ place, args: place.arguments ?? [] })),
    ...file.calls.filter((call) =>
      call.expression.kind === ts.SyntaxKind.SuperKeyword &&
      baseOf(call) === "TdauthError"
    ).map((place) => ({ place, args: place.arguments })),
  ];
}

function nameOf(expression: ts.Expression): string {
  return ts.isIdentifier(expression) ? expression.text : "";
}

/** What the class around a node extends. */
function baseOf(node: ts.Node): string | undefined {
  const around = ts.findAncestor(node, ts.isClassLike);
  const base = around?.heritageClauses?.find(({ token }) =>
    token === ts.SyntaxKind.ExtendsKeyword
  )?.types[0]?.expression;
  return base === undefined ? undefined : nameOf(base);
}

/** Whether a message is told by a more general one: the same reason, the same hints. */
function covers(general: ErrorMessage, one: ErrorMessage): boolean {
  const [whatGeneral, whyGeneral] = halves(general.message);
  const [what, why] = halves(one.message);
  if (
    general === one || general.code !== one.code || whyGeneral !== why ||
    what === whatGeneral || general.hints.join() !== one.hints.join()
  ) return false;
  const pattern = whatGeneral.split(ANY).map((part) => RegExp.escape(part))
    .join(".*");
  return new RegExp(`^${pattern}$`).test(what);
}

/** What could not be done, and why. */
function halves(message: string): [string, string] {
  const at = message.indexOf(": ");
  return at < 0 ? [message, ""] : [message.slice(0, at), message.slice(at)];
}
