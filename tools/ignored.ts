/** Which tests may be ignored where, by the reason in their names. */

/**
 * Returns whether CI allows a test to be ignored on a system. The reason is at
 * the end of the test's name: `(ignored: Linux only, it reads /proc)`. `.ci/run`
 * installs what tests need beyond npm on Linux only.
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
  if (/^not as root/.test(reason)) return root;
  return false;
}

/** Returns the names of the tests that a run of `deno test` ignored, from its output without colors. */
export function ignoredTests(output: string): string[] {
  return [...output.matchAll(/^(?:\S+ => )?(.*) \.\.\. ignored \(/gm)].map((
    [, name = ""],
  ) => name);
}
