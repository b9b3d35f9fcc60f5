import { TdauthError } from "../../base/errors.ts";
import type { Tokens } from "../../token/token.ts";

/**
 * Rejects tokens whose refresh token the broker has rejected: they may expire
 * later, and no longer work.
 *
 * @param tokens The tokens with their journal.
 * @throws {TdauthError} `login_needed` when it was rejected.
 */
export function refuseRejected({ refreshRefused }: Tokens): void {
  if (refreshRefused === undefined) return;
  throw new TdauthError(
    "login_needed",
    `Cannot import the tokens: the broker rejected this refresh token: ${refreshRefused.reason}`,
    {
      hint: [
        { text: "log in:", command: ["login"] },
        "; to have it tried again, use --force",
      ],
    },
  );
}
