import { notUsable, tokenField } from "./fields.ts";
import type { Reading } from "./reading.ts";
import type { PlainFormat } from "./token_file_format.ts";
import { tokensOf } from "./tokens_of.ts";

/**
 * A refresh token and nothing else, as a provider's website shows it. What it
 * lacks is unknown: `--login-time` says when it was issued.
 */
export const refreshTokenText: PlainFormat = {
  kind: "plain",
  name: "refresh-token",
  generic: true,
  about: {
    programs: "any",
    file: "one word",
    lifetime: "the provider's from `--login-time`",
  },
  knownBy: "one word of at least 8 characters",
  matches: (text) => LIKE_A_TOKEN.test(bare(text)) && !LIKE_A_NAME.test(text),
  read(text, reading) {
    const token = bare(text);
    if (/^https?:/i.test(token)) {
      throw notUsable("it is a URL, not a refresh token");
    }
    if (/\s/.test(token)) {
      throw notUsable("it is more than one word, so no bare refresh token");
    }
    return readBare(token, reading);
  },
  write: ({ refreshToken }) => `${refreshToken}\n`,
};

/**
 * What is taken for a token by its looks. RFC 6749 allows any visible character,
 * but quotes, brackets and a `=` that is no padding are signs of a damaged file.
 */
const LIKE_A_TOKEN = /^(?!https?:)[\w.~+/@:%!*$|-]{8,16384}={0,2}$/i;
/** An assignment without a value. */
const LIKE_A_NAME = /^\w*(token|secret|key|password)=$/i;

function readBare(token: string, reading: Reading) {
  const { loginTime } = reading;
  return tokensOf({
    refreshToken: tokenField({ refresh_token: token }, "refresh_token"),
    refreshTime: loginTime ?? reading.assumeIssuedNow(),
    refreshLifetime: Infinity,
    accessToken: undefined,
    accessTime: 0,
    accessLifetime: 0,
  }, reading.now);
}

/** Takes the quotes off that `jq` without `-r` leaves. */
function bare(text: string): string {
  const [, , inner] = /^(["'])(.*)\1$/.exec(text) ?? [];
  return inner ?? text;
}
