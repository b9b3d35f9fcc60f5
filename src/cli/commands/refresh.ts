import { authorizationOf } from "../../authorize.ts";
import {
  type Command,
  prepareCommand,
  style,
  wantsJson,
  writeJson,
} from "../account/prepare_command.ts";
import { formatDuration } from "../terminal/duration.ts";

/** Gets a new access token now. */
export async function refreshCommand(command: Command): Promise<void> {
  const context = await prepareCommand(command);
  const authorization = authorizationOf(context, await context.cache.load());
  await authorization.refresh();
  const { accessToken, refreshToken } = authorization;
  if (wantsJson(command)) {
    return writeJson(command.io, {
      access_token_expires_at: accessToken.expiry,
      refresh_token_expires_at: Number.isFinite(refreshToken.expiry)
        ? refreshToken.expiry
        : null,
    });
  }
  const { green } = style(command, "err");
  command.io.err(
    `${green("Refreshed.")} The new access token is valid for ${
      formatDuration(accessToken.remaining)
    }.\n`,
  );
}
