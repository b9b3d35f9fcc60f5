/**
 * Finds an option that is not a number, is infinite or is negative. JSON turns
 * `Infinity` and `NaN` into `null`; no comparison with `null` or `NaN` means what
 * was meant, and a timer of `Infinity` fires immediately.
 *
 * @param values The options by name; an absent one is fine.
 * @returns The first invalid one: its name and what it is; `undefined` when all are valid.
 */
export function invalidNumber<Name extends string>(
  values: Readonly<Record<Name, unknown>>,
): { readonly name: Name; readonly is: string } | undefined {
  for (const name of Object.keys(values) as Name[]) {
    const value = values[name];
    if (value === undefined) continue;
    if (typeof value !== "number") {
      return { name, is: value === null ? "null" : `a ${typeof value}` };
    }
    if (!Number.isFinite(value) || value < 0) return { name, is: `${value}` };
  }
}
