import type { KeeperStatus } from "../../client/keeper_status.ts";
import type { AccessToken, Tokens } from "../../token/token.ts";
import type { SealKeySource } from "../../token/sealed_text.ts";

/** An access token that is valid. */
export interface UsableToken {
  /** The token. */
  readonly token: string;
  /** The same with its times. */
  readonly accessToken: AccessToken;
  /** What settings call the provider that issued it. */
  readonly provider: string;
  /** The origin of the API that came with it, where one did. */
  readonly apiOrigin?: string | undefined;
}

/** What is known of an account on this machine. */
export interface AccountView {
  /** The profile. */
  readonly profile: string;
  /** What settings call the provider. */
  readonly provider: string;
  /** What people call the provider. */
  readonly providerName: string;
  /** The practice broker's URL, if it is one. */
  readonly sandbox: string | undefined;
  /** The app's key. */
  readonly consumerKey: string;
  /** The callback URL, if it is set. */
  readonly callbackUrl: string | undefined;
  /** The origin of the API that came with the tokens, or that settings say in its place; `undefined` where it is the provider's own. */
  readonly apiOrigin: string | undefined;
  /** The token file; `undefined` when tokens are in memory only. */
  readonly path: string | undefined;
  /** Where the key of the stored tokens comes from; `undefined` when they are not sealed. */
  readonly sealedBy: SealKeySource | undefined;
  /** Where the key of the next tokens comes from; `undefined` when they will not be sealed. */
  readonly seal: SealKeySource | undefined;
  /** The tokens of this provider; absent ones where there are none. */
  readonly tokens: Tokens;
  /** What the keeper says, where the tokens are kept elsewhere. */
  readonly keeper?: KeeperStatus;
}

/**
 * The account that a command is about. Two implementations: `fullAccount` does
 * all that is needed, the daily commands' own only what needs no request.
 */
export interface Account<Command> {
  /**
   * Returns a valid access token; never logs in.
   *
   * @param command The command.
   * @param minValid The `--min-valid`, in seconds.
   */
  token(command: Command, minValid: number | undefined): Promise<UsableToken>;
  /**
   * Returns another valid access token than the rejected one on stdin; never logs in.
   *
   * @param command The command.
   * @param minValid The `--min-valid`, in seconds.
   */
  replace(command: Command, minValid: number | undefined): Promise<UsableToken>;
  /**
   * Looks at the account; changes nothing on disk and sends nothing.
   *
   * @param command The command.
   */
  view(command: Command): Promise<AccountView>;
}
