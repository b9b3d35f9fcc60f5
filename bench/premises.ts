import type { DailyPlace } from "./daily_places.ts";
import { TOKEN } from "./place.ts";
import { outputOf, tryOutput } from "./program.ts";

const EXEC = ["exec", "--", "printenv", "TD_ACCESS_TOKEN"];

/**
 * Checks that the places are what they are called: a token is printed there and
 * not in the control, which lacks one thing; the files are of the kind that the
 * name says; and `exec` gives its command the token.
 *
 * @param places The places, by name.
 * @param command Returns the command line of `tdauth` with some arguments.
 * @throws {Error} When one is not.
 */
export function checkPremises(
  places: Readonly<Record<string, DailyPlace>>,
  command: (...args: string[]) => readonly string[],
): void {
  const printed = `${TOKEN}\n`;
  for (const [name, place] of Object.entries(places)) {
    place.check?.();
    for (const words of [["token"], EXEC]) {
      if (outputIn(name, command(...words), place) !== printed) {
        throw new Error(`"${name}": another token is printed`);
      }
    }
    if (tryOutput(command("token"), place.control) !== undefined) {
      throw new Error(`"${name}": a token is printed without it, too`);
    }
  }
}

/** Like `outputOf()`; the error names the place. */
function outputIn(
  name: string,
  command: readonly string[],
  place: DailyPlace,
): string {
  try {
    return outputOf(command, place);
  } catch (cause) {
    throw new Error(`"${name}": no token is printed`, { cause });
  }
}
