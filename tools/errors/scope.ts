/** What a name stands for at a place in the code. */
import ts from "typescript";
import type { Named, Parsed, Variable } from "./source.ts";

/** An expression, with what it takes to know its value. */
export interface Bound {
  /** Absent where a call leaves it out. */
  readonly value: ts.Expression | undefined;
  readonly context: Context;
}

/** What the parameters of the functions around a place are. */
export type Scope = ReadonlyMap<string, Bound>;

/** Where an expression stands. */
export interface Context {
  readonly files: readonly Parsed[];
  readonly file: Parsed;
  readonly scope: Scope;
  /** How many names and calls were followed up to here. */
  readonly depth: number;
}

/** How many names and calls are followed, so that an end comes. */
export const DEEPEST = 20;

/**
 * What the parameters of the function around a place can be: one scope for each
 * call of it, in this file or, when it is exported, in any.
 *
 * @param files All files.
 * @param file The file of the place.
 * @param place The place.
 * @returns The scopes; one without names where nothing is known.
 */
export function scopesAt(
  files: readonly Parsed[],
  file: Parsed,
  place: ts.Node,
): readonly Scope[] {
  const around = functionAround(file, place);
  if (around === undefined) return [new Map()];
  const found = (around.exported ? files : [file]).flatMap((caller) =>
    caller.calls.filter(({ expression }) =>
      ts.isIdentifier(expression) && expression.text === around.name
    ).map((call) =>
      bind(around, call, {
        files,
        file: caller,
        scope: new Map(),
        depth: 0,
      }, { files, file, scope: new Map(), depth: 0 })
    )
  );
  return found.length > 0 ? found : [new Map()];
}

/** The named function that a place is in, the innermost one. */
function functionAround(file: Parsed, place: ts.Node): Named | undefined {
  for (let node = place.parent; node !== undefined; node = node.parent) {
    const named = file.functions.find((one) => one.node === node);
    if (named !== undefined) return named;
  }
  return undefined;
}

/**
 * Gives a function's parameters the arguments of a call.
 *
 * @param called The function.
 * @param call The call.
 * @param caller Where the call stands.
 * @param home Where the function stands, for its defaults.
 * @returns Its parameters' values.
 */
export function bind(
  called: Named,
  call: ts.CallExpression,
  caller: Context,
  home: Context,
): Scope {
  return new Map(called.node.parameters.flatMap(({ name, initializer }, at) => {
    if (!ts.isIdentifier(name)) return [];
    const given = call.arguments[at];
    const absent = given === undefined || isUndefined(given);
    const bound: Bound = absent
      ? { value: initializer, context: home }
      : { value: given, context: caller };
    return [[name.text, bound]];
  }));
}

/** Whether an expression is the word `undefined`. */
export function isUndefined(expression: ts.Expression): boolean {
  return ts.isIdentifier(expression) && expression.text === "undefined";
}

/** A function by its name: this file's own, or one that another exports. */
export function functionNamed(
  name: string,
  { file, files }: Context,
): { readonly home: Parsed; readonly called: Named } | undefined {
  for (const home of [file, ...files]) {
    const called = home.functions.find((one) =>
      one.name === name && (home === file || one.exported)
    );
    if (called !== undefined) return { home, called };
  }
  return undefined;
}

/** A variable by its name: this file's own where it has one such alone, or one that another exports. */
export function variableNamed(
  name: string,
  { file, files }: Context,
): { readonly home: Parsed; readonly variable: Variable } | undefined {
  const own = file.variables.filter((one) => one.name === name);
  const [variable] = own;
  if (variable !== undefined) {
    return own.length === 1 ? { home: file, variable } : undefined;
  }
  for (const home of files) {
    const found = home.variables.find((one) =>
      one.name === name && one.exported
    );
    if (found !== undefined) return { home, variable: found };
  }
  return undefined;
}
