import { TdauthError } from "../../../base/errors.ts";
import type { Command } from "../../grammar/command.ts";
import { style, wantsJson, writeJson } from "../../terminal/output.ts";
import { nextCommand } from "../../terminal/hint_text.ts";
import { approve, type Sandbox, startSandbox } from "../../../sandbox/mod.ts";
import { checkCallbackUrl } from "../../../login/callback_url.ts";
import { brokerName, presetNamed } from "../../../providers/presets.ts";
import {
  DEFAULT_BROKER,
  SANDBOX_BROKERS,
} from "../../../sandbox/broker_preset.ts";
import { shellWord } from "../../../base/shell_word.ts";
import { isPortInUse } from "../../../system/system_error.ts";

/**
 * Runs the practice broker until it is interrupted.
 *
 * @param command The command.
 * @param port The port to listen on; 0 picks a free one.
 */
export async function runSandbox(
  command: Command,
  port: number,
): Promise<void> {
  const { io, settings: given } = command;
  const named = given.provider ?? io.env("TD_PROVIDER");
  const broker = named === undefined
    ? undefined
    : SANDBOX_BROKERS.find((one) => one === named);
  if (named !== undefined && broker === undefined) {
    throw new TdauthError(
      "invalid_options",
      `Cannot emulate "${named}": the practice broker supports ${
        SANDBOX_BROKERS.join(" or ")
      }`,
      {
        hint: `use ${
          SANDBOX_BROKERS.map((one) => `--provider ${one}`).join(" or ")
        }`,
      },
    );
  }
  const { consumerKey, callbackUrl } = given;
  if (callbackUrl !== undefined) {
    // Settings below that tdauth login would reject.
    checkCallbackUrl(
      callbackUrl,
      presetNamed(broker ?? DEFAULT_BROKER)?.provider(),
    );
  }
  await using sandbox = await startSandbox({
    ...(broker !== undefined && { broker }),
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
    `\n${bold("The practice broker is running")} at ${
      cyan(sandbox.url)
    } and behaves like ${brokerName(sandbox.broker)}.\n` +
      `Log in there as ${bold(sandbox.user.name)} with the password ${
        bold(sandbox.user.password)
      }.\n` +
      `In another terminal, paste the lines above and run: ${
        cyan(nextCommand(command, ["login"]))
      }\n` +
      dim("Ctrl-C stops it and invalidates all its tokens.\n"),
  );
  await new Promise<void>((resolve) => {
    if (io.signal.aborted) resolve();
    io.signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Logs in to a running practice broker as its test user, as a `--browser` does. */
export async function approveLogin(
  url: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await approve(url, { signal });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TdauthError(
      "invalid_options",
      URL.canParse(url)
        ? error.message
        : `Cannot use "${url}" for --approve: it is not a URL`,
      {
        hint: {
          text: "use the URL that is printed by",
          command: ["login"],
        },
      },
    );
  }
}

/** The error for a failed start. */
function startError(error: unknown, port: number): unknown {
  if (isPortInUse(error)) {
    return new TdauthError(
      "port_in_use",
      `Cannot start the practice broker: another program uses port ${port}`,
      {
        hint: [{
          text: "use another port, or any free one:",
          command: ["sandbox", "--port", "0"],
        }],
      },
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
