import { isNotFound, reason } from "../../system/system_error.ts";
import { checkOwnText } from "../../cache/check_own_text.ts";
import { TdauthError } from "../../base/errors.ts";
import { SEALED_BY } from "../../seal/sealed_by.ts";
import { sealKeyOf } from "../../seal/seal_keys.ts";
import { SealCodec } from "../../seal/seal_codec.ts";
import { parseSealedFile } from "../../token/sealed_file.ts";
import { parseSealed, type SealKeySource } from "../../token/sealed_text.ts";
import { parseTokens } from "../../token/token_json.ts";
import { hasTokens, issuedBy, type Tokens } from "../../token/token.ts";
import { sealName } from "../../cache/profile_cache.ts";
import { formatDuration } from "../terminal/duration.ts";
import { formatWhen } from "../terminal/when.ts";
import { failed, failedWith, type Finding, ok, warning } from "./finding.ts";
import type { Facts } from "./facts.ts";
import { shellWord } from "../../base/shell_word.ts";
import { readTextFile } from "../../system/read_text.ts";

const DAY = 86_400;
/** How long a refresh may take, in seconds. */
const UNDER_WAY = 60;
const LOGIN = { fix: "log in", command: ["login"] };

/** Checks the stored tokens; creates, refreshes and moves nothing. */
export async function tokensCheck(facts: Facts): Promise<Finding[]> {
  const { settings, tokenPath, named, now } = facts;
  if (settings?.storeTokens === false) {
    return [
      warning("tokens", "not stored: they are lost when the program exits", {
        fix: "to store them, unset TD_STORE_TOKENS",
      }),
    ];
  }
  if (tokenPath === undefined) return [];
  let tokens: Tokens;
  let seal: Finding[] = [];
  try {
    let text = readTextFile(tokenPath);
    checkOwnText(tokenPath, text, settings?.consumerKey);
    const file = parseSealedFile(text);
    if (file !== undefined) {
      const { from } = parseSealed(file.sealed);
      seal = [ok("seal", `sealed by ${SEALED_BY[from]}`)];
      if (from === "passphrase" && !facts.env("TD_CACHE_PASSPHRASE")) {
        return [
          ...seal,
          ok("tokens", "sealed with a passphrase, not checked here"),
        ];
      }
      text = await opened(facts, text, from, tokenPath);
    }
    tokens = parseTokens(text, facts.command.io.now);
    if (file === undefined && hasTokens(tokens)) {
      const wrong = notSealed(facts);
      if (wrong !== undefined) return [wrong];
    }
  } catch (error) {
    if (isNotFound(error)) {
      return [warning("tokens", "there are none", LOGIN)];
    }
    if (error instanceof TdauthError) {
      const finding = failedWith("tokens", error);
      if (error.code === "cache_sealed") return [...seal, finding];
      // The file of a newer tdauth is not damaged, as its hint says.
      return error.code !== "cache_corrupt" ? [finding] : [{
        ...finding,
        fix:
          `restore ${tokenPath} from a backup, or log in again, which moves it aside`,
        command: ["login"],
      }];
    }
    return [
      failed("tokens", `${tokenPath} cannot be read: ${reason(error)}`, {
        fix: "take ownership",
        command: `sudo chown "$(id -un)" ${shellWord(tokenPath)} && chmod 600 ${
          shellWord(tokenPath)
        }`,
      }),
    ];
  }
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
        ? `valid for ${formatDuration(accessToken.remaining)}`
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

/** The finding for unsealed tokens whose settings say that they are sealed. */
function notSealed({ settings }: Facts): Finding | undefined {
  return settings?.seal === undefined
    ? undefined
    : failed("seal", "the tokens are unencrypted, so they are rejected", {
      fix: "if you put them there, seal them; if not, log out and in",
      command: ["configure", "--seal", settings.seal],
    });
}

/** Decrypts sealed tokens without their cache. */
async function opened(
  { env }: Facts,
  text: string,
  from: SealKeySource,
  path: string,
): Promise<string> {
  const key = await sealKeyOf(from, { env });
  return await new SealCodec(key, sealName(path)).open(text);
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
