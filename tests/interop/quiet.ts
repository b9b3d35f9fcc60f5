/**
 * Keeps oidc-provider's notices out of the tests' output: it greets every
 * runtime but Node, every in-memory store and every development form with one,
 * and has no switch for that. Imported before it, because it begins at once.
 */
const { warn, info } = console;

function without(
  write: (...values: unknown[]) => void,
): (...values: unknown[]) => void {
  return (...values) => {
    if (!/oidc-provider (WARNING|NOTICE)/.test(String(values[0]))) {
      write(...values);
    }
  };
}

Object.assign(console, { warn: without(warn), info: without(info) });
