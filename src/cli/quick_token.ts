import { parseTokens } from "../cache/token_json.ts";
import { realEnv, tokenFileName } from "../config_dir.ts";
import { resolveSettings } from "../settings/settings.ts";

/**
 * Answers `tdauth token` from the cache in the common case, without loading the
 * rest of the program. Whatever is unusual, an error included, is left to the
 * full program, which does it all again and explains itself.
 *
 * @param args The command's arguments.
 * @returns The token, or `undefined` when the full program must answer.
 */
export async function quickToken(
  args: readonly string[],
): Promise<string | undefined> {
  if (
    args.length !== 1 || args[0] !== "token" || realEnv("TD_JSON") !== undefined
  ) return undefined;
  try {
    const {
      consumerKey,
      consumerSecret,
      provider,
      configDir,
      profile,
      storeTokens,
    } = await resolveSettings({});
    if (consumerKey === undefined || !storeTokens) return undefined;
    const tokens = parseTokens(
      Deno.readTextFileSync(
        `${configDir}/${tokenFileName(consumerKey, profile)}`,
      ),
    );
    const expected = provider?.toLowerCase() ??
      (consumerSecret === undefined ? "tdameritrade" : "schwab");
    const ours = tokens.provider === undefined ||
      tokens.provider.toLowerCase() === expected;
    return ours && tokens.accessToken.remaining > 60
      ? tokens.accessToken.token
      : undefined;
  } catch {
    return undefined;
  }
}
