import type { Authorization } from "../../client/authorization.ts";
import { authorizationOf } from "../../client/authorize.ts";
import type { Context } from "../../client/context.ts";
import type { UsableToken } from "./account.ts";
import { noteShort } from "./note_short.ts";
import { prepareCommand } from "./prepare_command.ts";
import type { Command } from "../grammar/command.ts";

/**
 * Returns a valid access token from the cache or a refresh; never logs in.
 *
 * @param command The command; it notes when even a new token expires before `minValid`, so that every call requests one.
 * @param minValid The `--min-valid`, in seconds: the token is refreshed when less is left.
 * @returns The token.
 */
export async function storedToken(
  command: Command,
  minValid: number | undefined,
): Promise<UsableToken> {
  const context = await tokenContext(command, minValid);
  const authorization = authorizationOf(context, await context.cache.load());
  const token = await authorization.token();
  noteShort(command, authorization.accessToken, minValid);
  return { token, ...await usable(context, authorization) };
}

/** Returns the cached authorization, which refreshes its token when less than `minValid` seconds are left; never logs in. */
export async function storedAuthorization(
  command: Command,
  minValid: number | undefined,
): Promise<Authorization> {
  const context = await tokenContext(command, minValid);
  return authorizationOf(context, await context.cache.load());
}

/** Finds what a command needs to get a token that is valid for so many seconds. */
export function tokenContext(
  command: Command,
  minValid: number | undefined,
): Promise<Context> {
  return prepareCommand(command, {}, {
    ...(minValid !== undefined && { minValid }),
  });
}

/** What others may know of an authorization's access token. */
export async function usable(
  { cache, provider }: Context,
  { accessToken }: Authorization,
): Promise<Omit<UsableToken, "token">> {
  const named = provider.known?.apiOriginFrom !== undefined;
  return {
    accessToken,
    provider: provider.key,
    ...(named && { apiOrigin: (await cache.load()).apiOrigin }),
  };
}
