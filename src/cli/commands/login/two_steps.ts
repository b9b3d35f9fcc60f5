import { TdauthError } from "../../../base/errors.ts";
import {
  begin as beginLogin,
  finish as finishLogin,
  pendingLoginOf,
  redirectOf,
} from "../../../client/two_step_login.ts";
import { maskKey } from "../../../login/mask_key.ts";
import type { PendingLogin } from "../../../token/pending_login.ts";
import { decodeText } from "../../../base/decode_text.ts";
import { prepareCommand } from "../../account/prepare_command.ts";
import { remember } from "../../account/remember.ts";
import type { Command } from "../../grammar/command.ts";
import { ask } from "../../terminal/ask.ts";
import { nextCommand } from "../../terminal/hint_text.ts";
import { style, wantsJson, writeJson } from "../../terminal/output.ts";
import { formatDuration } from "../../terminal/duration.ts";
import type { LoginFlags } from "./flags.ts";
import { tell } from "./tell.ts";

/**
 * Begins a login: the URL is on stdout, what to do with it on stderr.
 *
 * @param command The command.
 */
export async function begin(command: Command<LoginFlags>): Promise<void> {
  const { io } = command;
  const context = await prepareCommand(command);
  const { id, authorizationUrl, callbackUrl, expires } = await beginLogin(
    context,
  );
  remember(command, context);
  if (wantsJson(command)) {
    return writeJson(io, {
      id,
      authorization_url: authorizationUrl,
      callback_url: callbackUrl,
      expires_at: expires,
    });
  }
  const { bold, cyan, dim } = style(command, "err");
  const { name } = await context.provider.get();
  io.err(
    `${bold(`Logging in to ${name}`)} with the app ${
      maskKey(context.app.consumerKey)
    }.\nOpen this page in a browser, on any device:\n\n`,
  );
  io.out(`${authorizationUrl}\n`);
  io.err(
    `\nThe browser ends at an address that begins with ${callbackUrl}.\n` +
      `The page does not load there; copy the address, and within ${
        formatDuration(Math.ceil(expires - io.now() / 1000))
      } run:\n\n  ${cyan(nextCommand(command, ["login", "--finish"]))}\n\n${
        dim("A broker's code may be good for half a minute: be quick then.")
      }\n`,
  );
}

/**
 * Finishes the login that was begun.
 *
 * @param command The command; the address is on stdin, or asked for.
 */
export async function finish(command: Command<LoginFlags>): Promise<void> {
  const context = await prepareCommand(command);
  const pending = await pendingLoginOf(context);
  const redirect =
    await (command.io.terminal.in
      ? askedRedirect(command, pending)
      : pipedRedirect(command, pending));
  const tokens = await finishLogin(context, pending, redirect);
  remember(command, context);
  tell(command, context, tokens, "new");
}

/** Asks until an address is the login's. */
async function askedRedirect(
  { io, ...command }: Command<LoginFlags>,
  pending: PendingLogin,
): Promise<URLSearchParams> {
  const paint = style({ io, ...command }, "err");
  for (;;) {
    const text = await ask(io, paint, {
      text: "The address at which the browser ended (hidden)?",
      hidden: true,
    });
    const found = await redirectOf(pending, text);
    if (typeof found !== "string") return found;
    io.err(`  ${paint.yellow(found)}\n`);
  }
}

async function pipedRedirect(
  { io }: Command<LoginFlags>,
  pending: PendingLogin,
): Promise<URLSearchParams> {
  const { readPiped } = await import("../../../token_files/read_source.ts");
  const text = decodeText((await readPiped(io.input())).bytes) ?? "";
  const found = await redirectOf(pending, text);
  if (typeof found !== "string") return found;
  throw new TdauthError(
    "login_failed",
    `Cannot finish the login: ${text.trim() === "" ? "stdin is empty" : found}`,
    {
      hint: {
        text:
          "the login can still be finished: pipe the address at which the browser ended to",
        command: ["login", "--finish"],
      },
    },
  );
}
