/** What failed, in a few lines. */

/** How much of a failure is repeated, in characters. */
const MOST = 600;

/**
 * Returns each failed test with the beginning of its error.
 *
 * @param output The output of `deno test`, without colors.
 * @returns A short text a failure.
 */
export function failedTests(output: string): string[] {
  const errors = output.split(/^ ERRORS $/m)[1]?.split(/^ FAILURES $/m)[0] ??
    "";
  return errors.split(/\n(?=.* => .*:\d+:\d+\n)/)
    .map((failure) => failure.trim())
    .filter((failure) => failure.includes(" => "))
    .map((failure) => {
      const [error = ""] = failure.split(/\n +at /);
      return error.length > MOST ? `${error.slice(0, MOST)}…` : error;
    });
}
