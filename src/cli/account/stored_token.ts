import type { Authorization } from "../../client/authorization.ts";
import { authorizationOf } from "../../client/authorize.ts";
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
  const authorization = await storedAuthorization(command, minValid);
  const token = await authorization.token();
  const { accessToken } = authorization;
  noteShort(command, accessToken, minValid);
  return { token, accessToken };
}

/** Returns the cached authorization, which refreshes its token when less than `minValid` seconds are left; never logs in. */
export async function storedAuthorization(
  command: Command,
  minValid: number | undefined,
): Promise<Authorization> {
  const context = await prepareCommand(command, {}, {
    ...(minValid !== undefined && { minValid }),
  });
  return authorizationOf(context, await context.cache.load());
}
