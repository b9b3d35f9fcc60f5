/** Finds code that takes the runtime long to start: packages, `node:` modules, timers, locales. */
import ts from "typescript";

/** A place in a file that costs time at start-up. */
export interface Costly {
  /** Its line, counted from 1. */
  readonly line: number;
  /** What is there, to be read after the place: `imports node:fs`. */
  readonly what: string;
}

/** Globals that the runtime sets up when they are first used. */
const GLOBALS: ReadonlySet<string> = new Set([
  "Intl",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "process",
  "Buffer",
]);
/** What a global can be a property of. */
const GLOBAL_OBJECTS: ReadonlySet<string> = new Set(["globalThis", "self"]);
/** Methods that load the tables of locales. */
const OF_LOCALES = /^(toLocale|localeCompare$)/;

/**
 * Finds code in a file that costs time at start-up: an import, also a literal
 * `import()`, of anything but a file of `src/` or JSON; a global or a method
 * that the runtime sets up on its first use. Types cost nothing.
 *
 * @param path The file's path from the project's root.
 * @param text The file.
 * @returns The places, in the file's order.
 */
export function costlyCode(path: string, text: string): Costly[] {
  const source = ts.createSourceFile(path, text, {
    languageVersion: ts.ScriptTarget.Latest,
    jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
  }, true);
  const own = declaredNames(source);
  const found: Costly[] = [];
  const visit = (node: ts.Node): void => {
    if (isType(node)) return;
    const specifier = importedBy(node);
    const what = specifier === undefined
      ? costlyUse(node, own)
      : isOwnFile(path, specifier)
      ? undefined
      : `imports ${specifier}`;
    if (what !== undefined) {
      const start = node.getStart(source);
      const { line } = source.getLineAndCharacterOfPosition(start);
      found.push({ line: line + 1, what });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isType(node: ts.Node): boolean {
  return ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) ||
    (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node));
}

/** Returns the specifier of an import that runs; `undefined` for any other node. */
function importedBy(node: ts.Node): string | undefined {
  let specifier: ts.Expression | undefined;
  if (ts.isImportDeclaration(node) && !onlyTypes(node.importClause)) {
    specifier = node.moduleSpecifier;
  } else if (ts.isExportDeclaration(node) && !node.isTypeOnly) {
    specifier = node.moduleSpecifier;
  } else if (
    ts.isCallExpression(node) &&
    node.expression.kind === ts.SyntaxKind.ImportKeyword
  ) specifier = node.arguments[0];
  return specifier !== undefined && ts.isStringLiteralLike(specifier)
    ? specifier.text
    : undefined;
}

/** Whether an import is of types alone; `import "x"` has no clause and runs. */
function onlyTypes(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const { name, namedBindings } = clause;
  return name === undefined && namedBindings !== undefined &&
    ts.isNamedImports(namedBindings) && namedBindings.elements.length > 0 &&
    namedBindings.elements.every(({ isTypeOnly }) => isTypeOnly);
}

/** Whether a specifier means a file of `src/`, or the data of the project. */
function isOwnFile(path: string, specifier: string): boolean {
  if (!/^\.\.?\//.test(specifier)) return false;
  const root = "file:///project/";
  const { href } = new URL(specifier, `${root}${path}`);
  return href.startsWith(`${root}src/`) ||
    (href.startsWith(root) && href.endsWith(".json"));
}

/** Says what a node uses that the runtime sets up on its first use. */
function costlyUse(
  node: ts.Node,
  own: ReadonlySet<string>,
): string | undefined {
  if (!ts.isIdentifier(node)) return undefined;
  const { text, parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
    const of = ts.isIdentifier(parent.expression) ? parent.expression.text : "";
    if (OF_LOCALES.test(text)) return `calls ${text}()`;
    if (of === "AbortSignal" && text === "timeout") {
      return "uses AbortSignal.timeout";
    }
    return GLOBAL_OBJECTS.has(of) && GLOBALS.has(text)
      ? `uses ${text}`
      : undefined;
  }
  return GLOBALS.has(text) && !own.has(text) && !isKey(node)
    ? `uses ${text}`
    : undefined;
}

/** Whether a name is the key of a property or of a method. */
function isKey(node: ts.Identifier): boolean {
  const { parent } = node;
  return (ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent) ||
    ts.isPropertyDeclaration(parent) || ts.isAccessor(parent)) &&
    parent.name === node;
}

/** The names that a file declares: they are not the global ones. */
function declaredNames(source: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (
      (ts.isVariableDeclaration(node) || ts.isParameter(node) ||
        ts.isBindingElement(node) || ts.isFunctionDeclaration(node) ||
        ts.isImportSpecifier(node) || ts.isImportClause(node)) &&
      node.name !== undefined && ts.isIdentifier(node.name)
    ) names.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}
