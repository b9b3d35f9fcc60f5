/** A part of tdauth, or a package that it stands on, which is not on this machine and could not be fetched. */
export interface MissingPackage {
  /** What is missing, and why it could not be fetched, in one line. */
  readonly message: string;
  /** What to do. */
  readonly hint: string;
}

/** How the runtime says what it could not load; what that is comes in quotes. */
const MISSING: readonly RegExp[] = [
  /^Failed caching npm package '([^']+)'/,
  /^Failed loading \S+ for package "([^"]+)"/,
  /^npm package not found in cache: "([^"]+)"/,
  /^Import '(https?:[^']+)' failed/,
  /^(?:Specifier|Module) not found[^"]*"(https?:[^"]+)"/,
];

/**
 * Says which package or file the runtime could not fetch, if that is what an
 * error tells. With Deno everything is fetched when a command or script is run
 * for the first time; a later one lacks something where the cache is another
 * one, as for a job with another home directory, or was cleared.
 *
 * @param error What an import failed with.
 * @returns What is missing; `undefined` for any other error.
 */
export function missingPackage(error: unknown): MissingPackage | undefined {
  if (!(error instanceof TypeError)) return undefined;
  const [first = "", ...more] = error.message.split("\n");
  const what = MISSING.map((form) => form.exec(first)?.[1])
    .find((found) => found !== undefined);
  if (what === undefined) return undefined;
  const cause = more.find((line) => /^\s+0: /.test(line)) ?? first;
  const why = /--cached-only/.test(cause)
    ? "it is not in the cache, and --cached-only does not let it be fetched"
    : cause.replace(/^\s+0: /, "").replace(/client error \(\w+\): /, "")
      .replace(/ \(os error \d+\)$/, "");
  return {
    message: `Cannot fetch ${what}: ${why}`,
    hint:
      "run it again with a network that reaches it, which is needed once; " +
      "behind a proxy set HTTPS_PROXY, where https is inspected DENO_TLS_CA_STORE=system; " +
      "or install the executable, which holds everything",
  };
}
