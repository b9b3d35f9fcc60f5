import { shown } from "../../base/shown.ts";
import { MIN_VALID } from "../account/min_valid.ts";
import { command } from "../grammar/command.ts";
import { wantsJson, writeJson } from "../terminal/output.ts";

export default command({
  group: "Use the token",
  description:
    "Print a valid access token and nothing else; never opens a browser.",
  summary: "Print a valid access token and nothing else.",
  example: 'ACCESS_TOKEN="$(tdauth token)"',
  flags: {
    minValid: MIN_VALID,
    refused: {
      flag: "--refused",
      kind: "boolean",
      help:
        "print another token than the one on stdin, which the API rejected; refresh only if that one is still stored",
    },
  },
  async run(command) {
    const { account, flags: { minValid, refused } } = command;
    const { token, accessToken, provider, apiOrigin } = refused
      ? await account.replace(command, minValid)
      : await account.token(command, minValid);
    if (!wantsJson(command)) return command.io.out(`${shown(token)}\n`);
    writeJson(command.io, {
      access_token: token,
      token_type: "Bearer",
      expires_at: accessToken.expiry,
      expires_in: Math.floor(accessToken.remaining),
      issued_at: accessToken.accessTime,
      provider,
      ...(apiOrigin !== undefined && { api_origin: apiOrigin }),
    });
  },
});
