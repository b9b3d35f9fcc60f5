/** A module of tdauth, or a package that it depends on, that is not on this machine and could not be downloaded, or is not in an executable. */
export interface MissingPackage {
  /** What is missing, and why it could not be loaded, in one line. */
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

/** The same in an executable: a file that `deno compile` could not find by itself. */
const NOT_COMPILED = /^Module not found: (\w+:\S+)$/;

/**
 * Returns which package or file the runtime could not load, if that is what
 * an error says. Deno downloads everything when a command or script runs for the
 * first time; a later run lacks something if the cache was cleared or is a
 * different one, as for a job with another home directory.
 *
 * @param error What an import failed with.
 * @returns What is missing; `undefined` for any other error.
 */
export function missingPackage(error: unknown): MissingPackage | undefined {
  if (!(error instanceof TypeError)) return undefined;
  const [first = "", ...more] = error.message.split("\n");
  const [, excluded] = NOT_COMPILED.exec(first) ?? [];
  if (excluded !== undefined) {
    return {
      message: `Cannot load ${excluded}: "deno compile" did not include it`,
      hint: `compile again with --include=${excluded}, ` +
        "or install the executable of a release, which contains everything",
    };
  }
  const what = MISSING.map((form) => form.exec(first)?.[1])
    .find((found) => found !== undefined);
  if (what === undefined) return undefined;
  const cause = more.find((line) => /^\s+0: /.test(line)) ?? first;
  const why = /--cached-only/.test(cause)
    ? "it is not cached, and --cached-only forbids the download"
    : cause.replace(/^\s+0: /, "").replace(/client error \(\w+\): /, "")
      .replace(/ \(os error \d+\)$/, "");
  return {
    message: `Cannot download ${what}: ${why}`,
    hint: "run it once with network access to it; " +
      "behind a proxy set HTTPS_PROXY, and DENO_TLS_CA_STORE=system if it inspects TLS; " +
      "or install the executable, which contains everything",
  };
}
