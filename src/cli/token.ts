import type { Authorization } from "../authorization.ts";
import { authorizationOf } from "../authorize.ts";
import {
  type Command,
  type GlobalFlags,
  prepareCommand,
  wantsJson,
  writeJson,
} from "./command_context.ts";
import { parseDuration } from "./duration.ts";

/** Flags of every command that gets a token for something. */
export interface TokenFlags extends GlobalFlags {
  /** `--min-valid DURATION` */
  readonly minValid?: string;
}

/** Prints a valid access token, from the cache or refreshed; never opens a browser. */
export async function tokenCommand(
  command: Command<TokenFlags>,
): Promise<void> {
  const authorization = await stored(command);
  const token = await authorization.token();
  if (!wantsJson(command)) return command.io.out(`${token}\n`);
  writeJson(command.io, {
    access_token: token,
    token_type: "Bearer",
    expires_at: authorization.accessToken.expiry,
    expires_in: Math.floor(authorization.accessToken.remaining),
  });
}

/** Prints the header that carries the token, as curl's `-H @-` reads it. */
export async function headerCommand(
  command: Command<TokenFlags>,
): Promise<void> {
  const value = `Bearer ${await (await stored(command)).token()}`;
  if (wantsJson(command)) writeJson(command.io, { Authorization: value });
  else command.io.out(`Authorization: ${value}\n`);
}

/** The authorization that the cache holds, whose token is refreshed when less than `--min-valid` is left; it never logs in. */
export async function stored(
  command: Command<TokenFlags>,
): Promise<Authorization> {
  const { minValid } = command.flags;
  const context = await prepareCommand(command, {}, {
    ...(minValid !== undefined &&
      { minValid: parseDuration(minValid, "--min-valid") }),
  });
  return authorizationOf(context, await context.cache.load());
}
