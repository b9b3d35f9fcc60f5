import { issuedBy, type Tokens } from "../../token/token.ts";
import { formatDuration } from "../terminal/duration.ts";
import { formatWhen } from "../terminal/when.ts";
import { failed, type Finding, ok, warning } from "./finding.ts";
import type { Facts } from "./facts.ts";
import { LOGIN } from "./stored.ts";

const DAY = 86_400;
/** How long a refresh may take, in seconds. */
const UNDER_WAY = 60;

/** Checks the stored tokens; creates, refreshes and moves nothing. */
export async function tokensCheck(facts: Facts): Promise<Finding[]> {
  const { named, now, settings } = facts;
  if (settings?.keeper !== undefined) return []; // keeperCheck()
  const { tokens, findings: seal } = await facts.stored();
  if (tokens === undefined) return [...seal];
  const { accessToken, refreshToken } = tokens;
  if (accessToken.token === undefined && refreshToken.token === undefined) {
    return [warning("tokens", "there are none", LOGIN)];
  }
  if (named !== undefined && !issuedBy(tokens, named.id)) {
    return [
      warning(
        "tokens",
        `they belong to ${tokens.provider}, not ${named.id}, so they are ignored`,
        LOGIN,
      ),
    ];
  }
  return [
    ...seal,
    ok(
      "access token",
      accessToken.valid
        ? Number.isFinite(accessToken.remaining)
          ? `valid for ${formatDuration(accessToken.remaining)}`
          : "valid, no known expiry"
        : accessToken.token === undefined
        ? "none: the next command requests one"
        : refreshToken.valid && tokens.refreshRefused === undefined
        ? "expired: the next command refreshes it"
        : "expired",
    ),
    ...future(tokens, now),
    ...nextLogin(tokens),
    ...marks(tokens, now),
  ];
}

function future({ accessToken }: Tokens, now: number): Finding[] {
  const ahead = accessToken.accessTime - now;
  return ahead < 300 ? [] : [
    warning(
      "access token",
      `it was issued ${
        formatDuration(ahead)
      } in the future: the clock has been turned back, or was wrong then`,
      { fix: "set the clock", command: ["refresh"] },
    ),
  ];
}

function nextLogin(tokens: Tokens): Finding[] {
  const { accessToken, refreshToken, refreshRefused } = tokens;
  // The recorded rejection says more.
  if (refreshRefused !== undefined) return [];
  if (refreshToken.token === undefined || !refreshToken.valid) {
    const why = refreshToken.token === undefined
      ? "there is no refresh token"
      : `the refresh token expired on ${formatWhen(refreshToken.expiry)}`;
    if (accessToken.remaining === Infinity) {
      return [ok("next login", `when the access token is refused: ${why}`)];
    }
    return [
      accessToken.valid
        ? warning(
          "next login",
          `in ${formatDuration(accessToken.remaining)}: ${why}`,
          LOGIN,
        )
        : failed("next login", `now: ${why}`, LOGIN),
    ];
  }
  const left = refreshToken.remaining;
  if (!Number.isFinite(left)) {
    return [ok("next login", "when the broker requires it")];
  }
  const due = `${formatWhen(refreshToken.expiry)} (in ${formatDuration(left)})`;
  return [
    left < DAY ? warning("next login", due, LOGIN) : ok("next login", due),
  ];
}

/** What a refresh has recorded about the refresh token. */
function marks(tokens: Tokens, now: number): Finding[] {
  const { accessToken, refreshPending, refreshRefused } = tokens;
  if (refreshRefused !== undefined) {
    const what = `the broker rejected it on ${
      formatWhen(refreshRefused.time)
    }: ${refreshRefused.reason}`;
    return [
      (accessToken.valid ? warning : failed)("refresh token", what, LOGIN),
    ];
  }
  if (refreshPending === undefined) return [];
  return now - refreshPending < UNDER_WAY
    ? [ok("refresh token", "a refresh is in progress")]
    : [
      warning(
        "refresh token",
        `the response to a refresh sent on ${
          formatWhen(refreshPending)
        } never arrived: the broker may have invalidated the token`,
        { fix: "check whether it still works", command: ["refresh"] },
      ),
    ];
}
