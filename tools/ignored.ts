/** Which tests may be ignored where, by the reason in their names. */

/**
 * Whether CI lets a test be ignored on a system. The reason stands at the end
 * of the test's name: `(ignored: Linux only, it reads /proc)`. What a test
 * needs beyond npm is installed by `.ci/run` on Linux, and missed elsewhere.
 *
 * @param name The test's name.
 * @param os The operating system, as `Deno.build.os` has it.
 * @param root Whether the tests run as root.
 */
export function mayBeIgnored(name: string, os: string, root: boolean): boolean {
  const reason = name.match(/\(ignored: (.*)\)$/)?.[1] ?? "";
  if (/^(Linux only|there is no )/.test(reason)) return os !== "linux";
  if (/^Unix only/.test(reason)) return os === "windows";
  if (/^root only/.test(reason)) return !root;
  return false;
}

/** The names of the tests that a run of `deno test` ignored, from its output without colours. */
export function ignoredTests(output: string): string[] {
  return [...output.matchAll(/^(?:\S+ => )?(.*) \.\.\. ignored \(/gm)].map((
    [, name = ""],
  ) => name);
}
