import { MIN_VALID } from "../account/min_valid.ts";
import { command } from "../grammar/command.ts";
import { wantsJson, writeJson } from "../terminal/output.ts";

export default command({
  group: "Use the token",
  description:
    "Print a valid access token and nothing else; never opens a browser.",
  summary: "Print a valid access token and nothing else.",
  example: 'ACCESS_TOKEN="$(tdauth token)"',
  flags: { minValid: MIN_VALID },
  async run(command) {
    const { token, accessToken } = await command.account.token(
      command,
      command.flags.minValid,
    );
    if (!wantsJson(command)) return command.io.out(`${token}\n`);
    writeJson(command.io, {
      access_token: token,
      token_type: "Bearer",
      expires_at: accessToken.expiry,
      expires_in: Math.floor(accessToken.remaining),
    });
  },
});
