import { TdauthError } from "../../../errors.ts";
import { type AppFlags, appSettings } from "../../app_flags.ts";
import {
  type Command,
  style,
  wantsJson,
  writeJson,
} from "../../account/prepare_command.ts";
import { approve, type Sandbox, startSandbox } from "../../../sandbox/mod.ts";
import { checkCallbackUrl } from "../../../login/callback_url.ts";
import { schwab } from "../../../providers/schwab.ts";
import { tdAmeritrade } from "../../../providers/td_ameritrade.ts";
import { shellWord } from "../../../shell_word.ts";
import { isPortInUse } from "../../../system/system_error.ts";

/** Flags of `tdauth sandbox`. */
export interface SandboxFlags extends AppFlags {
  /** `--port PORT` */
  readonly port?: string;
  /** `--approve URL` */
  readonly approve?: string;
}

/** Runs the practice broker until it is interrupted, or plays the user at one that runs. */
export async function sandboxCommand(
  command: Command<SandboxFlags>,
): Promise<void> {
  const { io, flags } = command;
  if (flags.approve !== undefined) return await play(flags.approve, io.signal);
  const port = flags.port === undefined ? 4280 : Number(flags.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new TdauthError(
      "invalid_options",
      `Cannot use "${flags.port}" for --port: it is not a port number`,
      {
        hint: "give a whole number from 0 to 65535, or leave it out for 4280",
      },
    );
  }
  const broker = flags.provider ?? io.env("TD_PROVIDER") ?? "schwab";
  if (broker !== "schwab" && broker !== "tdameritrade") {
    throw new TdauthError(
      "invalid_options",
      `Cannot practise "${broker}": the practice broker plays schwab or tdameritrade`,
      { hint: "use --provider schwab or --provider tdameritrade" },
    );
  }
  const { consumerKey, callbackUrl } = appSettings(flags);
  if (callbackUrl !== undefined) {
    // What tdauth login would refuse of the settings that are printed below.
    checkCallbackUrl(
      callbackUrl,
      broker === "schwab" ? schwab() : tdAmeritrade(),
    );
  }
  await using sandbox = await startSandbox({
    broker,
    port,
    ...(consumerKey !== undefined && { consumerKey }),
    ...(callbackUrl !== undefined && { callbackUrl }),
    signal: io.signal,
  }).catch((error) => {
    throw startError(error, port);
  });
  const settings = settingsOf(sandbox);
  if (wantsJson(command)) {
    writeJson(io, {
      url: sandbox.url,
      user: sandbox.user,
      environment: settings,
    });
  } else {io.out(
      Object.entries(settings).map(([name, value]) =>
        `export ${name}=${shellWord(value)}\n`
      ).join(""),
    );}
  const { bold, cyan, dim } = style(command, "err");
  io.err(
    `\n${bold("The practice broker runs")} at ${
      cyan(sandbox.url)
    } and behaves like ${
      broker === "schwab" ? "Charles Schwab" : "TD Ameritrade"
    }.\n` +
      `Log in there as ${bold(sandbox.user.name)} with the password ${
        bold(sandbox.user.password)
      }.\n` +
      `In another terminal, paste the lines above and run: ${
        cyan("tdauth login")
      }\n` +
      dim("Ctrl-C ends it, and all its tokens with it.\n"),
  );
  await new Promise<void>((resolve) => {
    if (io.signal.aborted) resolve();
    io.signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Plays the user, as a `--browser` does. */
async function play(url: string, signal: AbortSignal): Promise<void> {
  try {
    await approve(url, { signal });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TdauthError(
      "invalid_options",
      URL.canParse(url)
        ? error.message
        : `Cannot use "${url}" for --approve: it is not a URL`,
      { hint: "give it the URL that tdauth login prints" },
    );
  }
}

/** Why it did not start, in the words of all other errors. */
function startError(error: unknown, port: number): unknown {
  if (isPortInUse(error)) {
    return new TdauthError(
      "port_in_use",
      `Cannot start the practice broker: another program uses port ${port}`,
      { hint: "name another: tdauth sandbox --port 0 takes any free one" },
    );
  }
  return error instanceof TypeError || error instanceof RangeError
    ? new TdauthError("invalid_options", error.message)
    : error;
}

function settingsOf(sandbox: Sandbox): Record<string, string> {
  return {
    TD_SANDBOX: sandbox.url,
    TD_PROVIDER: sandbox.broker,
    TD_CONSUMER_KEY: sandbox.app.consumerKey,
    ...(sandbox.app.consumerSecret !== undefined &&
      { TD_CONSUMER_SECRET: sandbox.app.consumerSecret }),
    TD_CALLBACK_URL: sandbox.app.callbackUrl,
    TD_PROFILE: "sandbox", // so that practice never touches the profile of a real account
  };
}
