import type { Settings } from "../../settings/settings.ts";
import type { SealKeySource } from "../../token/sealed_text.ts";
import { type Tokens, tokensOf } from "../../token/token.ts";
import type { AccountView } from "./account.ts";

/** What an account's view is made of. */
export interface ViewParts {
  /** What the settings say. */
  readonly settings: Pick<
    Settings,
    "profile" | "sandbox" | "callbackUrl" | "seal" | "apiOrigin"
  >;
  /** The provider. */
  readonly provider: {
    readonly id: string;
    readonly key: string;
    readonly name: string;
  };
  /** The app's key. */
  readonly consumerKey: string;
  /** The token file, if there is one. */
  readonly path: string | undefined;
  /** Where the key of the stored tokens comes from, if they are sealed. */
  readonly sealedBy: SealKeySource | undefined;
  /** The stored tokens, of any provider. */
  readonly tokens: Tokens;
}

/**
 * Makes the view of an account: both the whole program and the daily commands
 * show this.
 *
 * @param parts What it is made of.
 * @returns The view.
 */
export function viewOf(
  { settings, provider, consumerKey, path, sealedBy, tokens }: ViewParts,
): AccountView {
  const own = tokensOf(tokens, provider.id);
  return {
    profile: settings.profile,
    provider: provider.key,
    providerName: provider.name,
    sandbox: settings.sandbox,
    consumerKey,
    callbackUrl: settings.callbackUrl,
    apiOrigin: own.apiOrigin && (settings.apiOrigin ?? own.apiOrigin),
    path,
    sealedBy,
    seal: settings.seal,
    tokens: own,
  };
}
