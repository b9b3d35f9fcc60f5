import { authorizationOf } from "../authorize.ts";
import {
  type Command,
  type GlobalFlags,
  prepareCommand,
  wantsJson,
  writeJson,
} from "./command_context.ts";
import { parseDuration } from "./duration.ts";

/** Flags of `tdauth token`. */
export interface TokenFlags extends GlobalFlags {
  /** `--min-valid DURATION` */
  readonly minValid?: string;
}

/** Prints a valid access token, from the cache or refreshed; never opens a browser. */
export async function tokenCommand(
  command: Command<TokenFlags>,
): Promise<void> {
  const { minValid } = command.flags;
  const context = await prepareCommand(command, {}, {
    ...(minValid !== undefined &&
      { minValid: parseDuration(minValid, "--min-valid") }),
  });
  const authorization = authorizationOf(context, await context.cache.load());
  const token = await authorization.token();
  if (!wantsJson(command)) return command.io.out(`${token}\n`);
  writeJson(command.io, {
    access_token: token,
    token_type: "Bearer",
    expires_at: authorization.accessToken.expiry,
    expires_in: Math.floor(authorization.accessToken.remaining),
  });
}
