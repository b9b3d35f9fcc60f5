import { hasTokens } from "../../token/token.ts";
import { parseTokens } from "../../token/token_json.ts";
import type { AccountView } from "../account/account.ts";
import { viewOf } from "../account/view_of.ts";
import type { FoundAccount, StoredText } from "./found_account.ts";
import { unusual } from "./unusual.ts";

/**
 * Shows an account as `storedView()` does.
 *
 * @param account The account.
 * @param stored The text of its token file.
 * @param now The clock, in milliseconds since the epoch.
 * @returns The view.
 * @throws {Unusual} When the file holds no tokens, or another app's.
 */
export function accountView(
  { settings, provider, consumerKey, directory, fileName }: FoundAccount,
  { text, sealedBy }: StoredText,
  now: () => number,
): AccountView {
  const tokens = parseTokens(text, now);
  const isOwn = (tokens.consumerKey ?? consumerKey) === consumerKey;
  if (!hasTokens(tokens) || !isOwn) return unusual();
  return viewOf({
    settings,
    provider,
    consumerKey,
    path: `${directory}/${fileName}`,
    sealedBy,
    tokens,
  });
}
