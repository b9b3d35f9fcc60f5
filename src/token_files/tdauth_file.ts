import { formatTokens, refusal } from "../token/token_json.ts";
import { withoutMarks } from "../token/token.ts";
import { notUsable, textField, timeField } from "./fields.ts";
import { hasEntries, OWN_KEYS, readEntries } from "./pytd.ts";
import type { JsonFormat } from "./token_file_format.ts";

/** The supported version of the format. */
const VERSION = 1;

/** tdauth's own file, from another machine or a backup: pyTD's with more keys. */
export const tdauthFile: JsonFormat = {
  name: "tdauth",
  kind: "json",
  accessAlone: true,
  about: {
    programs: "tdauth",
    file: "pyTD's with more keys",
    lifetime: "as in the file",
  },
  knownBy: 'the same with "provider" or "login_time"',
  matches: (file) => hasEntries(file) && OWN_KEYS.some((key) => key in file),
  read: (file, reading) => {
    const { version } = file;
    if (typeof version === "number" && version > VERSION) {
      throw notUsable("a newer tdauth wrote it");
    }
    const loginTime = timeField(file, "login_time");
    const scope = textField(file, "scope");
    const provider = textField(file, "provider");
    const consumerKey = textField(file, "consumer_key");
    const apiOrigin = textField(file, "api_origin");
    // All else of the journal is about the other machine's refreshes.
    const refreshRefused = refusal(file["refresh_refused"]);
    return {
      ...readEntries(file, reading),
      ...(loginTime !== undefined && { loginTime }),
      ...(scope !== undefined && { scope }),
      ...(provider !== undefined && { provider }),
      ...(consumerKey !== undefined && { consumerKey }),
      ...(apiOrigin !== undefined && { apiOrigin }),
      ...(refreshRefused !== undefined && { refreshRefused }),
    };
  },
  // The journal is about the other machine's refreshes, not the tokens; and who
  // has logged in is taken from the provider alone, never from a file.
  write: ({ claims: _, pendingLogin: __, ...tokens }) =>
    JSON.parse(formatTokens(withoutMarks(tokens))),
};
