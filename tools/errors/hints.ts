/** The hints that an error can have, in every form that they may be written in. */
import ts from "typescript";
import type { Bound, Context } from "./scope.ts";
import { DEEPEST, isUndefined, variableNamed } from "./scope.ts";
import { bare, placeOf } from "./source.ts";
import {
  ANY,
  choices,
  elsewhere,
  product,
  providerTexts,
  resultsOf,
  textsOf,
  tidy,
} from "./texts.ts";

/** Methods by which a text becomes another one. */
const TEXT_METHODS: readonly string[] = [
  "replace",
  "replaceAll",
  "trim",
  "join",
];

/** What is said about a hint that is none of the forms. */
export type Report = (problem: string) => void;

/**
 * Finds the hints among an error's options: `{ hint: … }`, `{ hint }`, and those
 * in what is spread there.
 *
 * @param options The options, where there are any.
 * @param context Where they stand.
 * @param report Told of what cannot be read.
 * @returns The hints, each once.
 */
export function hintsOf(
  options: ts.Expression | undefined,
  context: Context,
  report: Report,
): readonly string[] {
  if (options === undefined) return [];
  const all = inOptions(options, context, report).map(tidy);
  // Words of others alone say nothing in a list.
  return [...new Set(all)].filter((hint) => hint !== ANY);
}

function inOptions(
  options: ts.Expression,
  context: Context,
  report: Report,
): readonly string[] {
  const value = bare(options);
  const again = (part: ts.Expression) => inOptions(part, context, report);
  if (ts.isObjectLiteralExpression(value)) {
    return value.properties.flatMap((property) => {
      if (ts.isSpreadAssignment(property)) return again(property.expression);
      if (property.name?.getText(context.file.source) !== "hint") return [];
      if (ts.isPropertyAssignment(property)) {
        return hintTexts(property.initializer, context, report);
      }
      return ts.isShorthandPropertyAssignment(property)
        ? hintTexts(property.name, context, report)
        : unreadable(property, context, report);
    });
  }
  if (isNothing(value)) return [];
  const branches = choices(value) ?? onCondition(value);
  if (branches !== undefined) return branches.flatMap(again);
  const bound = ts.isIdentifier(value) ? valueOf(value, context) : undefined;
  return bound === undefined || context.depth > DEEPEST
    ? unreadable(value, context, report)
    : bound.value === undefined
    ? []
    : inOptions(bound.value, bound.context, report);
}

/** The texts of a hint, with commands as they are typed. */
function hintTexts(
  expression: ts.Expression,
  context: Context,
  report: Report,
): readonly string[] {
  const value = bare(expression);
  const again = (part: ts.Expression) => hintTexts(part, context, report);
  const follow = (bound: Bound) =>
    bound.value === undefined
      ? []
      : hintTexts(bound.value, bound.context, report);
  if (context.depth > DEEPEST) return unreadable(value, context, report);
  if (isNothing(value)) return [];
  if (
    ts.isStringLiteralLike(value) || ts.isTemplateExpression(value) ||
    (ts.isBinaryExpression(value) &&
      value.operatorToken.kind === ts.SyntaxKind.PlusToken)
  ) return textsOf(value, context);
  if (ts.isObjectLiteralExpression(value)) return step(value, context, report);
  if (ts.isArrayLiteralExpression(value)) {
    return steps(value, context, report);
  }
  const branches = choices(value) ?? onCondition(value);
  if (branches !== undefined) return branches.flatMap(again);
  const provided = providerTexts(value, context);
  if (provided !== undefined) return provided.flatMap(follow);
  // The hint of another error, which has its own entry.
  if (ts.isPropertyAccessExpression(value) && value.name.text === "hint") {
    return [];
  }
  if (ts.isCallExpression(value)) {
    if (
      ts.isPropertyAccessExpression(value.expression) &&
      TEXT_METHODS.includes(value.expression.name.text)
    ) return [ANY];
    return resultsOf(value, context)?.flatMap(follow) ??
      unreadable(value, context, report);
  }
  const bound = ts.isIdentifier(value) ? valueOf(value, context) : undefined;
  return bound === undefined
    ? unreadable(value, context, report)
    : follow(bound);
}

/** `{ text: "log in:", command: ["login"] }`. */
function step(
  value: ts.ObjectLiteralExpression,
  context: Context,
  report: Report,
): readonly string[] {
  const text = propertyOf(value, "text");
  const command = propertyOf(value, "command");
  if (text === undefined) return unreadable(value, context, report);
  const texts = textsOf(text, context);
  if (command === undefined) return texts;
  const words = bare(command);
  if (!ts.isArrayLiteralExpression(words)) {
    return unreadable(words, context, report);
  }
  const lines = words.elements.reduce<readonly string[]>(
    (line, word) =>
      product(
        line,
        ts.isSpreadElement(word) ? [ANY] : textsOf(word, context, true),
        " ",
      ),
    ["tdauth"],
  );
  return product(texts, lines.map((line) => `\`${tidy(line)}\``), " ");
}

/** `[…, …]`: one hint of several steps; a step may be there on a condition. */
function steps(
  value: ts.ArrayLiteralExpression,
  context: Context,
  report: Report,
): readonly string[] {
  return value.elements.reduce<readonly string[]>((before, element) => {
    const next = ts.isSpreadElement(element)
      ? hintTexts(element.expression, context, report)
      : hintTexts(element, context, report);
    const all = next.length === 0 ? [""] : next;
    return before.flatMap((one) =>
      all.map((more) => [one, more].filter((part) => part !== "").join(", "))
    );
  }, [""]);
}

function propertyOf(
  value: ts.ObjectLiteralExpression,
  name: string,
): ts.Expression | undefined {
  for (const property of value.properties) {
    if (property.name === undefined || !ts.isIdentifier(property.name)) {
      continue;
    }
    if (property.name.text !== name) continue;
    if (ts.isPropertyAssignment(property)) return property.initializer;
    if (ts.isShorthandPropertyAssignment(property)) return property.name;
  }
  return undefined;
}

/** What `condition && value` can be, apart from nothing. */
function onCondition(
  value: ts.Expression,
): readonly ts.Expression[] | undefined {
  return ts.isBinaryExpression(value) &&
      value.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken
    ? [value.right]
    : undefined;
}

function isNothing(value: ts.Expression): boolean {
  return isUndefined(value) || value.kind === ts.SyntaxKind.FalseKeyword;
}

/** What a name stands for: a parameter, or a variable of this file or another. */
function valueOf(name: ts.Identifier, context: Context): Bound | undefined {
  const bound = context.scope.get(name.text);
  if (bound !== undefined) return bound;
  const found = variableNamed(name.text, context);
  if (found === undefined || found.variable.changes) return undefined;
  const { home, variable: { value } } = found;
  return home === context.file
    ? { value, context: { ...context, depth: context.depth + 1 } }
    : elsewhere(value, context, home);
}

function unreadable(
  node: ts.Node,
  { file }: Context,
  report: Report,
): readonly string[] {
  report(
    `${placeOf(file, node)} has a hint that cannot be read: "${
      node.getText(file.source)
    }"; write it as a text, as { text, command: […] }, as a list or a choice of these, or as a call of a function that returns one`,
  );
  return [];
}
