/** Parts a file into names of code and prose, both at their places. */
import ts from "typescript";

/** A file's text twice: what is no part of one is blank there, so that places stay. */
export interface Texts {
  readonly prose: string;
  readonly identifiers: string;
}

/**
 * Parts a file: a source's comments and strings are prose, a page's code is
 * names as well as prose, and of a test only its tests' names are looked at.
 *
 * @param path The path from the project's root.
 * @param text The file.
 * @returns Its texts.
 */
export function textsOf(path: string, text: string): Texts {
  if (!/\.(ts|mjs)$/.test(path)) {
    return { prose: text, identifiers: only(text, codeIn(text)) };
  }
  const names: Span[] = [];
  const titles: Span[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) {
      names.push([node.getStart(source), node.end]);
    }
    const title = ts.isCallExpression(node) &&
      /^Deno\.test$|\.step$/.test(node.expression.getText(source)) &&
      node.arguments[0];
    if (title) titles.push([title.getStart(source), title.end]);
    ts.forEachChild(node, visit);
  };
  const source = ts.createSourceFile(path, text, {
    languageVersion: ts.ScriptTarget.Latest,
    jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
  }, true);
  visit(source);
  return path.startsWith("tests/")
    ? { prose: only(text, titles), identifiers: blank(text) }
    : { prose: without(text, names), identifiers: only(text, names) };
}

type Span = readonly [from: number, to: number];

/** The code in a page: its fences and what stands between backticks. */
function codeIn(page: string): Span[] {
  return [...page.matchAll(/^```[\s\S]*?^```|`[^`\n]+`/gm)].map((
    { index, 0: code },
  ) => [index, index + code.length]);
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

function only(text: string, spans: readonly Span[]): string {
  let result = "";
  for (const [from, to] of spans) {
    if (from < result.length) continue;
    result += blank(text.slice(result.length, from)) + text.slice(from, to);
  }
  return result + blank(text.slice(result.length));
}

function without(text: string, spans: readonly Span[]): string {
  let result = "";
  for (const [from, to] of spans) {
    if (from < result.length) continue;
    result += text.slice(result.length, from) + blank(text.slice(from, to));
  }
  return result + text.slice(result.length);
}
