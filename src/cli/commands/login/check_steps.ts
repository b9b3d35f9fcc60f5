import { TdauthError } from "../../../base/errors.ts";
import type { Command } from "../../grammar/command.ts";
import { FLAGS, type LoginFlags } from "./flags.ts";

/** What has no effect on a login in two steps: nothing is opened, and nothing waits. */
const WAITING = [
  "browser",
  "device",
  "redirectUrl",
  "force",
  "ifOlder",
] as const;

/**
 * Refuses flags that contradict each other.
 *
 * @param command The command.
 * @throws {TdauthError} `invalid_options` for flags of which one has no effect,
 * and for an address in an argument, which other users can see.
 */
export function checkSteps({ flags }: Command<LoginFlags>): void {
  if (flags.begin && flags.finish) {
    throw contradiction(FLAGS.finish.flag, FLAGS.begin.flag);
  }
  const other = WAITING.find((name) =>
    flags[name] !== undefined && flags[name] !== false
  );
  if ((flags.begin || flags.finish) && other !== undefined) {
    throw contradiction(
      FLAGS[other].flag,
      flags.begin ? FLAGS.begin.flag : FLAGS.finish.flag,
    );
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
