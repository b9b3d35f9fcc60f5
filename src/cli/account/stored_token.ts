import type { Authorization } from "../../client/authorization.ts";
import { authorizationOf } from "../../client/authorize.ts";
import { prepareCommand } from "./prepare_command.ts";
import type { Command } from "../grammar/command.ts";
import { style } from "../terminal/output.ts";
import { formatDuration, writeDuration } from "../terminal/duration.ts";

/** A token, and whose it is. */
export interface StoredToken {
  /** The access token. */
  readonly token: string;
  /** What it was got with. */
  readonly authorization: Authorization;
}

/**
 * Gets a valid access token from the cache or by a refresh; it never logs in.
 *
 * @param command The command, whose user is told when each call asks for a new one: when even a new token does not live as long as `minValid` asks.
 * @param minValid The `--min-valid`, in seconds: the token is refreshed when less is left.
 * @returns The token.
 */
export async function storedToken(
  command: Command,
  minValid: number | undefined,
): Promise<StoredToken> {
  const authorization = await storedAuthorization(command, minValid);
  const token = await authorization.token();
  const { remaining } = authorization.accessToken;
  if (minValid !== undefined && remaining <= minValid) {
    const { yellow } = style(command, "err");
    command.io.err(
      `${yellow("note:")} the token is valid for ${
        formatDuration(remaining)
      }, which is less than --min-valid ${
        writeDuration(minValid)
      }: each call asks for a new one
`,
    );
  }
  return { token, authorization };
}

/** The authorization that the cache holds, whose token is refreshed when less than `minValid` seconds are left; it never logs in. */
export async function storedAuthorization(
  command: Command,
  minValid: number | undefined,
): Promise<Authorization> {
  const context = await prepareCommand(command, {}, {
    ...(minValid !== undefined && { minValid }),
  });
  return authorizationOf(context, await context.cache.load());
}
