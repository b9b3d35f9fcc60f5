/** The texts that an expression can be; what cannot be known is written as `…`. */
import ts from "typescript";
import {
  bind,
  type Bound,
  type Context,
  DEEPEST,
  functionNamed,
  isUndefined,
  variableNamed,
} from "./scope.ts";
import { bare, returned } from "./source.ts";

/** What varies. */
export const ANY = "…";
/** A choice inside a message is told in full when its texts have this many characters. */
const WORTH_TELLING = 13;
/** Texts of a provider that messages and hints take over. */
const PROVIDER_TEXT = /\.(troubleHint|closed\.why|closed\.hint)$/;

/**
 * Finds the texts that an expression can be.
 *
 * @param expression The expression.
 * @param context Where it stands.
 * @param inside Whether it is a part of a longer text.
 * @returns The texts; none for `undefined`.
 */
export function textsOf(
  expression: ts.Expression,
  context: Context,
  inside = false,
): readonly string[] {
  const value = bare(expression);
  const again = (part: ts.Expression, within = inside) =>
    textsOf(part, { ...context, depth: context.depth + 1 }, within);
  if (context.depth > DEEPEST) return [ANY];
  if (ts.isStringLiteralLike(value)) return [value.text];
  if (ts.isTemplateExpression(value)) {
    return value.templateSpans.reduce<readonly string[]>(
      (texts, span) =>
        product(texts, worthTelling(again(span.expression, true)))
          .map((text) => text + span.literal.text),
      [value.head.text],
    );
  }
  const branches = choices(value);
  if (branches !== undefined) return branches.flatMap((one) => again(one));
  if (
    ts.isBinaryExpression(value) &&
    value.operatorToken.kind === ts.SyntaxKind.PlusToken
  ) {
    return product(
      worthTelling(again(value.left, true)),
      worthTelling(again(value.right, true)),
    );
  }
  if (ts.isIdentifier(value)) return ofName(value, context, again);
  const provided = providerTexts(value, context);
  if (provided !== undefined) return provided.flatMap(ofBound);
  // Inside a message the reasons of the system are too many to tell.
  if (ts.isCallExpression(value) && !inside) {
    const results = resultsOf(value, context);
    return results === undefined || results.length === 0
      ? [ANY]
      : results.flatMap(ofBound);
  }
  return [ANY];
}

/** The texts of a value elsewhere. */
function ofBound({ value, context }: Bound): readonly string[] {
  return value === undefined ? [] : textsOf(value, context);
}

function ofName(
  name: ts.Identifier,
  context: Context,
  again: (value: ts.Expression) => readonly string[],
): readonly string[] {
  if (isUndefined(name)) return [];
  const bound = context.scope.get(name.text);
  if (bound !== undefined) return worthTelling(ofBound(bound));
  const found = variableNamed(name.text, context);
  if (found === undefined) return [ANY];
  const { home, variable } = found;
  const texts = home === context.file
    ? again(variable.value)
    : ofBound(elsewhere(variable.value, context, home));
  return variable.changes ? [...texts, ANY] : texts;
}

/** Both sides of `a ? b : c`, `b ?? c` and `b || c`. */
export function choices(
  value: ts.Expression,
): readonly ts.Expression[] | undefined {
  if (ts.isConditionalExpression(value)) {
    return [value.whenTrue, value.whenFalse];
  }
  if (!ts.isBinaryExpression(value)) return undefined;
  const { kind } = value.operatorToken;
  return kind === ts.SyntaxKind.QuestionQuestionToken ||
      kind === ts.SyntaxKind.BarBarToken
    ? [value.left, value.right]
    : undefined;
}

/**
 * What a call of a function of ours returns.
 *
 * @param call The call.
 * @param context Where it stands.
 * @returns The values, or `undefined` when the function is not known.
 */
export function resultsOf(
  call: ts.CallExpression,
  context: Context,
): readonly Bound[] | undefined {
  if (!ts.isIdentifier(call.expression)) return undefined;
  const found = functionNamed(call.expression.text, context);
  if (found === undefined) return undefined;
  const { home, called } = found;
  const at: Context = {
    ...context,
    file: home,
    // A function within a function sees the outer one's parameters.
    scope: home === context.file ? context.scope : new Map(),
    depth: context.depth + 1,
  };
  const scope = new Map([...at.scope, ...bind(called, call, context, at)]);
  return returned(called.node)
    .map((value) => ({ value, context: { ...at, scope } }));
}

/** A value at the top of another file. */
export function elsewhere(
  value: ts.Expression,
  context: Context,
  file: Context["file"],
): Bound {
  const { files, depth } = context;
  return {
    value,
    context: { files, file, scope: new Map(), depth: depth + 1 },
  };
}

/**
 * What the providers say where one of their texts is taken over.
 *
 * @param value `provider.troubleHint`, `provider.closed.why` or `….hint`.
 * @param context Where it stands.
 * @returns The values, or `undefined` for any other expression.
 */
export function providerTexts(
  value: ts.Expression,
  context: Context,
): readonly Bound[] | undefined {
  if (!ts.isPropertyAccessExpression(value)) return undefined;
  const [, taken] = PROVIDER_TEXT.exec(
    value.getText(context.file.source).replace(/[?!\s]/g, ""),
  ) ?? [];
  if (taken === undefined) return undefined;
  const [property, owner] = taken.split(".").reverse();
  return context.files.filter(({ path }) => path.includes("/providers/"))
    .flatMap((file) =>
      file.properties.filter(({ name, parent }) =>
        ts.isIdentifier(name) && name.text === property &&
        ownerOf(parent) === (owner ?? ownerOf(parent))
      ).map(({ initializer }) => elsewhere(initializer, context, file))
    );
}

/** The property whose value an object is. */
function ownerOf({ parent }: ts.ObjectLiteralExpression): string | undefined {
  return ts.isPropertyAssignment(parent) && ts.isIdentifier(parent.name)
    ? parent.name.text
    : undefined;
}

/** Every beginning with every end. */
export function product(
  beginnings: readonly string[],
  ends: readonly string[],
  between = "",
): readonly string[] {
  return beginnings.flatMap((one) => ends.map((end) => one + between + end));
}

/** Short words that a message chooses from, such as units, say nothing in a list. */
export function worthTelling(texts: readonly string[]): readonly string[] {
  return texts.length > 1
    ? texts.map((text) =>
      text.replaceAll(ANY, "").length < WORTH_TELLING ? ANY : text
    )
    : texts;
}

/** Variable parts side by side are one. */
export function tidy(text: string): string {
  return text.replace(/…(?: ?…)+/g, ANY);
}
