import { TdauthError } from "../../../base/errors.ts";
import type { Command } from "../../grammar/command.ts";
import { FLAGS, type LoginFlags } from "./flags.ts";

/** The ways to log in, of which one can be chosen, and what has no effect on each. */
const WITHOUT_EFFECT = {
  // Nothing is opened, and nothing waits.
  begin: ["browser", "device", "redirectUrl", "force", "ifOlder"],
  finish: ["browser", "device", "redirectUrl", "force", "ifOlder"],
  on: ["device"],
  remote: ["browser", "device", "redirectUrl"],
} as const satisfies Partial<
  Record<keyof LoginFlags, readonly (keyof LoginFlags)[]>
>;

/** Their names. */
const WAYS = ["begin", "finish", "on", "remote"] as const;

/**
 * Refuses flags that contradict each other.
 *
 * @param command The command.
 * @throws {TdauthError} `invalid_options` for flags of which one has no effect,
 * and for an address in an argument, which other users can see.
 */
export function checkSteps({ flags }: Command<LoginFlags>): void {
  const isGiven = (name: keyof LoginFlags) =>
    flags[name] !== undefined && flags[name] !== false;
  const [way, otherWay] = WAYS.filter(isGiven);
  if (way !== undefined) {
    // `--no-browser` and `--no-device` are without effect as well, and harmless.
    const other = otherWay ?? WITHOUT_EFFECT[way].find(isGiven);
    if (other !== undefined) {
      throw contradiction(FLAGS[other].flag, FLAGS[way].flag);
    }
  }
  if (flags.redirectUrl !== undefined && flags.redirectUrl !== "-") {
    throw new TdauthError(
      "invalid_options",
      "Cannot log in: --redirect-url is not -",
      {
        hint:
          "write the address to stdin: other users can see arguments, and it has the authorization code",
      },
    );
  }
}

function contradiction(flag: string, other: string): TdauthError {
  return new TdauthError(
    "invalid_options",
    `Cannot log in: ${flag} has no effect with ${other}`,
    { hint: `leave out ${flag}` },
  );
}
