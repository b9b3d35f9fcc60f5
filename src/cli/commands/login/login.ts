import type { Context } from "../../../client/context.ts";
import { noBrowser } from "../../../login/no_browser.ts";
import { maskKey } from "../../../login/mask_key.ts";
import { callbackHosts } from "../../../login/callback_server.ts";
import { refuseFollower } from "../../../client/keeper.ts";
import { ask } from "../../terminal/ask.ts";
import { prepareCommand } from "../../account/prepare_command.ts";
import type { Command } from "../../grammar/command.ts";
import { style } from "../../terminal/output.ts";
import type { LoginFlags } from "./flags.ts";
import { LoginScreen, type ScreenSubject } from "./login_screen.ts";
import { openPage } from "./open_page.ts";
import { runLogin } from "./run_login.ts";
import { tell } from "./tell.ts";
import { remember } from "../../account/remember.ts";

/** Logs in with the user's browser, stores the tokens and remembers the app's settings. */
export async function login(
  command: Command<LoginFlags>,
): Promise<void> {
  const { io, flags } = command;
  const { timeout, device } = flags;
  const screen = new LoginScreen(command);
  const prepared = await prepareCommand(command, {}, {
    interactive: true,
    ...(timeout !== undefined && { loginTimeout: timeout }),
    ...(device !== undefined && { device }),
    onEvent: (event) => {
      if (event.type === "ready" && context.pastedUrls !== undefined) {
        io.startPasting();
      }
      screen.show(event, subjectOf(context));
    },
    openUrl: (url) =>
      openPage(
        command,
        url,
        (message) =>
          screen.show({
            type: "not_opened",
            message: `The browser was not opened: ${message}`,
          }, subjectOf(prepared)),
      ),
  });
  refuseFollower(prepared.settings, "log in"); // before anything is asked
  const secret = await missingSecret(command, prepared);
  const pastes = takesPaste(command, prepared);
  const context: Context = {
    ...prepared,
    noBrowser: () => Promise.resolve(whyNoBrowser(command)),
    app: {
      ...prepared.app,
      ...(secret !== undefined && { consumerSecret: secret }),
    },
    ...(pastes && {
      pastedUrls: io.pastedLines((length) => screen.typed(length)),
    }),
  };
  let done: Awaited<ReturnType<typeof runLogin>>;
  try {
    done = await runLogin(command, context);
  } finally {
    io.endPasting();
    screen.end();
  }
  remember(command, context);
  tell(command, context, done.tokens, done.outcome);
}

/** What the screen shows of an account. */
function subjectOf(
  { app, settings, pastedUrls }: Context,
): ScreenSubject {
  return {
    app: maskKey(app.consumerKey),
    settings,
    pastes: pastedUrls !== undefined,
  };
}

/** Asks for the secret that a broker always issues, if it is not set. */
async function missingSecret(
  command: Command,
  context: Context,
): Promise<string | undefined> {
  const { io } = command;
  const { consumerSecret } = context.app;
  if (
    consumerSecret !== undefined ||
    context.provider.preset?.secret !== "needed" ||
    !io.terminal.in
  ) return undefined;
  return await ask(io, style(command, "err"), {
    text: "Consumer secret (hidden)?",
    hidden: true,
  });
}

/** Stdin in a pipe is only for a login that must be pasted; a terminal is for both. */
function takesPaste(
  { io, flags }: Command<LoginFlags>,
  { settings }: Context,
): boolean {
  const { callbackUrl } = settings;
  return io.terminal.in || flags.redirectUrl !== undefined ||
    (callbackUrl !== undefined && URL.canParse(callbackUrl) &&
      callbackHosts(callbackUrl).length === 0);
}

/** Why no browser can be opened here; a user who chose one, or none, gets the login page. */
function whyNoBrowser(
  { io, flags }: Command<LoginFlags>,
): string | undefined {
  return flags.browser === undefined && io.openUrl === undefined
    ? noBrowser(io.env)
    : undefined;
}
