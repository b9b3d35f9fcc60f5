import { TdauthError } from "../../base/errors.ts";
import { decodeText } from "../../base/decode_text.ts";
import { authorizationOf } from "../../client/authorize.ts";
import { readPiped } from "../../token_files/read_source.ts";
import type { Command } from "../grammar/command.ts";
import type { UsableToken } from "./account.ts";
import { noteShort } from "./note_short.ts";
import { tokenContext, usable } from "./stored_token.ts";

/**
 * Returns another access token than the one on stdin, which the API rejected:
 * what is stored by now, else one from a refresh, which is sent once for all
 * who ask for the same. Never logs in.
 *
 * @param command The command, whose input is the rejected token, or the header that carries it.
 * @param minValid The `--min-valid`, in seconds: the token is refreshed when less is left, too.
 * @returns The token.
 * @throws {TdauthError} `invalid_options` when stdin holds no token.
 */
export async function replacedToken(
  command: Command,
  minValid: number | undefined,
): Promise<UsableToken> {
  const { io } = command;
  if (io.terminal.in) {
    io.err("Paste the rejected token, then press Ctrl-D on a new line:\n");
  }
  const refused = tokenIn((await readPiped(io.input())).bytes);
  const context = await tokenContext(command, minValid);
  const authorization = authorizationOf(context, await context.cache.load());
  const accessToken = await authorization.refresh(refused);
  noteShort(command, accessToken, minValid);
  return {
    token: String(accessToken),
    ...await usable(context, authorization),
  };
}

function tokenIn(bytes: Uint8Array): string {
  const text = decodeText(bytes)?.trim() ?? "";
  const [, token] =
    /^(?:Authorization:\s*)?(?:Bearer\s+)?([\x21-\x7e]{1,16384})$/i
      .exec(text) ?? [];
  if (token !== undefined) return token;
  throw new TdauthError(
    "invalid_options",
    `Cannot replace a rejected token: ${
      text === "" ? "stdin is empty" : "stdin holds no token"
    }`,
    { hint: "pipe the access token that the API rejected to --refused" },
  );
}
