import { command } from "../grammar/command.ts";
import { style, wantsJson, writeJson } from "../terminal/output.ts";

export default command({
  group: "Tokens",
  description: "Get a new access token now.",
  example: "tdauth refresh --profile work",
  async run(command) {
    const { authorizationOf } = await import("../../client/authorize.ts");
    const { prepareCommand } = await import("../account/prepare_command.ts");
    const { formatDuration } = await import("../terminal/duration.ts");
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
  },
});
