import { checkOwnText } from "../../cache/check_own_text.ts";
import { sealName } from "../../cache/profile_cache.ts";
import { TdauthError } from "../../base/errors.ts";
import { shellWord } from "../../base/shell_word.ts";
import { SEALED_BY } from "../../seal/sealed_by.ts";
import { SealCodec } from "../../seal/seal_codec.ts";
import { sealKeyOf } from "../../seal/seal_keys.ts";
import type { Settings } from "../../settings/settings.ts";
import type { Env } from "../../system/environment.ts";
import { readTextFile } from "../../system/read_text.ts";
import { isNotFound, reason } from "../../system/system_error.ts";
import { parseSealedFile } from "../../token/sealed_file.ts";
import { parseSealed, type SealKeySource } from "../../token/sealed_text.ts";
import { parseTokens } from "../../token/token_json.ts";
import { hasTokens, type Tokens } from "../../token/token.ts";
import { failed, failedWith, type Finding, ok, warning } from "./finding.ts";

/** How to log in. */
export const LOGIN = { fix: "log in", command: ["login"] };

/** Where the tokens are, and how to read them. */
export interface StoredPlace {
  /** The settings, where they can be used. */
  readonly settings?: Settings;
  /** Where the tokens are kept; absent when no app key is set, or they are kept in memory. */
  readonly tokenPath?: string;
  /** The environment. */
  readonly env: Env;
  /** The tokens' clock, in milliseconds since the epoch. */
  readonly clock: () => number;
}

/** The stored tokens, or why there are none. */
export interface Stored {
  /** The tokens, of any provider; absent when they cannot be read. */
  readonly tokens?: Tokens;
  /** What was found on the way to them. */
  readonly findings: readonly Finding[];
}

/**
 * Reads the stored tokens for the checks; creates, refreshes and moves nothing.
 *
 * @param place Where they are.
 * @returns The tokens, or what is wrong with them.
 */
export async function readStored(place: StoredPlace): Promise<Stored> {
  const { settings, tokenPath } = place;
  if (settings?.storeTokens === false) {
    return none(
      warning("tokens", "not stored: they are lost when the program exits", {
        fix: "to store them, unset TD_STORE_TOKENS",
      }),
    );
  }
  if (tokenPath === undefined) return none();
  let seal: Finding[] = [];
  try {
    let text = readTextFile(tokenPath);
    checkOwnText(tokenPath, text, settings?.consumerKey);
    const file = parseSealedFile(text);
    if (file !== undefined) {
      const { from } = parseSealed(file.sealed);
      seal = [ok("seal", `sealed by ${SEALED_BY[from]}`)];
      if (from === "passphrase" && !place.env("TD_CACHE_PASSPHRASE")) {
        return none(
          ...seal,
          ok("tokens", "sealed with a passphrase, not checked here"),
        );
      }
      text = await opened(place, text, from, tokenPath);
    }
    const tokens = parseTokens(text, place.clock);
    if (file === undefined && hasTokens(tokens)) {
      const wrong = notSealed(settings);
      if (wrong !== undefined) return none(wrong);
    }
    return { tokens, findings: seal };
  } catch (error) {
    if (isNotFound(error)) {
      return none(warning("tokens", "there are none", LOGIN));
    }
    if (error instanceof TdauthError) {
      const finding = failedWith("tokens", error);
      if (error.code === "cache_sealed") return none(...seal, finding);
      // The file of a newer tdauth is not damaged, as its hint says.
      return error.code !== "cache_corrupt" ? none(finding) : none({
        ...finding,
        fix:
          `restore ${tokenPath} from a backup, or log in again, which moves it aside`,
        command: ["login"],
      });
    }
    return none(
      failed("tokens", `${tokenPath} cannot be read: ${reason(error)}`, {
        fix: "take ownership",
        command: `sudo chown "$(id -un)" ${shellWord(tokenPath)} && chmod 600 ${
          shellWord(tokenPath)
        }`,
      }),
    );
  }
}

function none(...findings: readonly Finding[]): Stored {
  return { findings };
}

/** The finding for unsealed tokens whose settings say that they are sealed. */
function notSealed(settings: Settings | undefined): Finding | undefined {
  return settings?.seal === undefined
    ? undefined
    : failed("seal", "the tokens are unencrypted, so they are rejected", {
      fix: "if you put them there, seal them; if not, log out and in",
      command: ["configure", "--seal", settings.seal],
    });
}

/** Decrypts sealed tokens without their cache. */
async function opened(
  { env }: StoredPlace,
  text: string,
  from: SealKeySource,
  path: string,
): Promise<string> {
  const key = await sealKeyOf(from, { env });
  return await new SealCodec(key, sealName(path)).open(text);
}
