import type { Fields } from "./fields.ts";
import { haveTokens, namedFields } from "./named_fields.ts";
import { namedTokenFields, readNamedTokens } from "./named_tokens.ts";
import { isTdaScope } from "./tda_api.ts";
import type { JsonFormat } from "./token_file_format.ts";

/**
 * The answer of a token endpoint as it came (RFC 6749 §5.1), or as a client
 * stored it with expiries; also the JSON of a secrets manager.
 */
export const tokenAnswer: JsonFormat = {
  kind: "json",
  name: "token-answer",
  generic: true,
  accessAlone: true,
  about: {
    programs: "any",
    file: "JSON, or a form, with `refresh_token` or `access_token`",
    lifetime: "as in the file, or the provider's from `--login-time`",
  },
  knownBy: '"refresh_token" or "access_token" as text',
  matches: (file) => haveTokens(Object.entries(file)) && !isTdas(file),
  read: (file, reading) =>
    readNamedTokens(namedFields(Object.entries(file)), reading),
  write: namedTokenFields,
};

/** Whether it is surely tda-api's older form, which is such an answer as well. */
function isTdas(file: Fields): boolean {
  return isTdaScope(file) && typeof file["access_token"] === "string" &&
    typeof file["refresh_token"] === "string" &&
    !("refresh_token_expires_at" in file);
}
