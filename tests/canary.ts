/**
 * The secrets that tests use. Whatever the tests do, none of them may be in what
 * the suite prints: the runner looks through every byte of it.
 *
 * A test that uses a secret of its own gives it a name that begins with `CANARY-`
 * or `canary-`. Assertions must not put such a text into their messages, nor a
 * test name hold one.
 */

/** What every secret of the tests begins with, and the practice broker's codes, tokens and keys. */
export const CANARIES: readonly string[] = [
  "CANARY",
  "canary-",
  // The practice broker's codes and access tokens, as Schwab's: "C0." and "I0." with its name.
  `C0.${btoa("oauth.sandbox.invalid")}`,
  `I0.${btoa("oauth.sandbox.invalid")}`,
  "PRIVATE KEY-----",
];

/** Each canary, and how it looks when it is sent, stored or nested in something else. */
const FORMS: readonly (readonly [canary: string, form: string])[] = CANARIES
  .flatMap((canary) =>
    [
      canary,
      encodeURIComponent(canary),
      ...base64Forms(canary),
      [...new TextEncoder().encode(canary)]
        .map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    ].map((form): [string, string] => [canary, form])
  );

/**
 * Looks for canaries in an output, in any form.
 *
 * @param output Everything that was printed; colours do not hide anything.
 * @returns Each line that holds one, shortened and with the canary itself masked; empty when all is well.
 */
export function findCanaries(output: string): string[] {
  // deno-lint-ignore no-control-regex -- colours
  const plain = output.replace(/\x1b\[[0-9;]*[A-Za-z]/g, "");
  const found: string[] = [];
  for (const [index, line] of plain.split("\n").entries()) {
    for (const [canary, form] of FORMS) {
      const at = line.indexOf(form);
      if (at === -1) continue;
      const before = line.slice(Math.max(0, at - 60), at);
      found.push(
        `line ${index + 1}: ${before}[${canary.slice(0, 3)}…${
          form === canary ? "" : ", encoded"
        }]`,
      );
      break;
    }
  }
  return found;
}

/** What Base64 makes of a text at each of its three places in what is encoded. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = btoa("\0".repeat(shift) + text).replace(/=+$/, "");
    // The first and the last characters also hold bits of the neighbours.
    const start = shift === 0 ? 0 : shift + 1;
    const whole = Math.floor((shift + text.length) * 8 / 6);
    return encoded.slice(start, whole);
  });
}
