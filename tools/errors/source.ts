/** Source files as the TypeScript parser sees them, with what is looked for in them. */
import ts from "typescript";

/** A source file. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** `function NAME(…) {…}` and `const NAME = (…) => …`. */
export interface Named {
  readonly name: string;
  readonly node: ts.FunctionDeclaration | ts.ArrowFunction;
  readonly exported: boolean;
}

/** `const NAME = …` and `let NAME = …`. */
export interface Variable {
  readonly name: string;
  readonly value: ts.Expression;
  /** Whether it may get another value later. */
  readonly changes: boolean;
  readonly exported: boolean;
}

/** What a file holds. */
export interface Parsed {
  readonly path: string;
  readonly source: ts.SourceFile;
  readonly functions: readonly Named[];
  readonly variables: readonly Variable[];
  readonly calls: readonly ts.CallExpression[];
  readonly constructions: readonly ts.NewExpression[];
  /** `NAME: …` in an object. */
  readonly properties: readonly ts.PropertyAssignment[];
}

/**
 * Parses a file.
 *
 * @param file The file.
 * @returns What it holds.
 */
export function parse({ path, text }: SourceFile): Parsed {
  const source = ts.createSourceFile(
    path,
    text,
    {
      languageVersion: ts.ScriptTarget.Latest,
      jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
    },
    true,
  );
  const functions: Named[] = [];
  const variables: Variable[] = [];
  const calls: ts.CallExpression[] = [];
  const constructions: ts.NewExpression[] = [];
  const properties: ts.PropertyAssignment[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) calls.push(node);
    if (ts.isNewExpression(node)) constructions.push(node);
    if (ts.isPropertyAssignment(node)) properties.push(node);
    if (ts.isFunctionDeclaration(node) && node.name !== undefined) {
      const exported = isExported(node);
      functions.push({ name: node.name.text, node, exported });
    }
    if (
      ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) &&
      node.initializer !== undefined
    ) {
      const name = node.name.text;
      const value = bare(node.initializer);
      const statement = node.parent.parent;
      const exported = ts.isVariableStatement(statement) &&
        isExported(statement);
      const changes = (node.parent.flags & ts.NodeFlags.Const) === 0;
      if (ts.isArrowFunction(value)) {
        functions.push({ name, node: value, exported });
      } else variables.push({ name, value, changes, exported });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return {
    path,
    source,
    functions,
    variables,
    calls,
    constructions,
    properties,
  };
}

function isExported(node: ts.HasModifiers): boolean {
  return ts.getModifiers(node)?.some(({ kind }) =>
    kind === ts.SyntaxKind.ExportKeyword
  ) ?? false;
}

/** An expression without what says nothing about its value: brackets and types. */
export function bare(expression: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(expression) ||
      ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression) ||
      ts.isNonNullExpression(expression)
    ? bare(expression.expression)
    : expression;
}

/** What a function returns: its body where that is an expression, else what its own `return`s say. */
export function returned({ body }: Named["node"]): ts.Expression[] {
  if (body === undefined) return [];
  if (!ts.isBlock(body)) return [body];
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isReturnStatement(node) && node.expression !== undefined) {
      found.push(node.expression);
    }
    ts.forEachChild(node, visit);
  };
  visit(body);
  return found;
}

/** The line of a node, counted from 1. */
export function lineOf(file: Parsed, node: ts.Node): number {
  return file.source.getLineAndCharacterOfPosition(
    node.getStart(file.source),
  ).line + 1;
}

/** Where a node stands: `src/file.ts:12`. */
export function placeOf(file: Parsed, node: ts.Node): string {
  return `${file.path}:${lineOf(file, node)}`;
}
