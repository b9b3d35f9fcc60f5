import type { Authorization } from "../../authorization.ts";
import { authorizationOf } from "../../authorize.ts";
import {
  type Command,
  type GlobalFlags,
  prepareCommand,
  style,
  wantsJson,
  writeJson,
} from "./prepare_command.ts";
import { formatDuration, parseDuration } from "../terminal/duration.ts";

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
  const token = await longEnough(command, authorization);
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
  const token = await longEnough(command, await stored(command));
  const value = `Bearer ${token}`;
  if (wantsJson(command)) writeJson(command.io, { Authorization: value });
  else command.io.out(`Authorization: ${value}\n`);
}

/** The token, with a note when even a new one does not live as long as `--min-valid` asks: each call then gets another. */
export async function longEnough(
  command: Command<TokenFlags>,
  authorization: Authorization,
): Promise<string> {
  const token = await authorization.token();
  const { minValid } = command.flags;
  const { remaining } = authorization.accessToken;
  if (
    minValid !== undefined &&
    remaining <= parseDuration(minValid, "--min-valid")
  ) {
    const { yellow } = style(command, "err");
    command.io.err(
      `${yellow("note:")} the token is valid for ${
        formatDuration(remaining)
      }, which is less than --min-valid ${minValid}: each call asks for a new one\n`,
    );
  }
  return token;
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
