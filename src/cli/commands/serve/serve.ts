import { after } from "../../../base/after.ts";
import { delay } from "../../../base/delay.ts";
import { createNotifier } from "../../../hooks/notifier.ts";
import { readHooks } from "../../../hooks/read_hooks.ts";
import { keeperAnswers } from "../../../serve/keeper_answers.ts";
import { runServe } from "../../../serve/run_serve.ts";
import { servePlace } from "../../../serve/serve_place.ts";
import { modifiedAt } from "../../../serve/read_state.ts";
import { OS } from "../../../system/os.ts";
import { PROCESS_ID, programFile } from "../../../system/own_process.ts";
import { commandSettings } from "../../account/prepare_command.ts";
import type { Command } from "../../grammar/command.ts";
import { VERSION } from "../../grammar/version.ts";
import { isVerbose, wantsJson, writeJson } from "../../terminal/output.ts";
import { servedAccounts } from "./served_accounts.ts";
import { serveScreen } from "./serve_screen.ts";

/**
 * Keeps the access tokens of the profiles fresh until it is interrupted.
 *
 * @param command The command.
 * @throws {TdauthError} `busy` when another one runs.
 */
export async function serve(command: Command): Promise<void> {
  const { io } = command;
  const settings = await commandSettings(command);
  const { configDir, tokenDir, profile } = settings;
  const place = servePlace({ configDir, tokenDir, env: io.env, os: OS });
  const screen = serveScreen(command);
  const stop = new AbortController();
  const cut = new AbortController();
  takeSignals(command, stop, cut);
  const log = (level: string, message: string) => {
    if (level === "warning" || level === "error") screen.warn(message);
    else if (isVerbose(command)) screen.note(message);
  };
  const accounts = servedAccounts(command, settings, {
    log,
    signal: cut.signal,
  });
  const notifier = createNotifier({
    hooks: () => readHooks(configDir),
    directory: tokenDir,
    log,
    now: io.now,
    fetch: io.fetch,
    stays: true,
    signal: cut.signal,
  });
  const program = programFile();
  const onUnlisted = (error: unknown) => screen.warn(messageOf(error));
  await runServe({
    accounts: accounts.list,
    onUnlisted,
    notifier,
    onEvent: screen.event,
    now: io.now,
    random: Math.random,
    sleep: delay,
    after,
    signal: stop.signal,
    cut,
    place,
    state: {
      pid: PROCESS_ID,
      started: Math.floor(io.now() / 1000),
      version: VERSION,
      program,
      modified: modifiedAt(program),
      socket: place.socket ?? null,
    },
    handler: keeperAnswers({
      token: accounts.token,
      status: accounts.status,
      profile,
      called: io.called(),
      onError: onUnlisted,
    }),
    async onReady() {
      const profiles = (await accounts.list().catch(() => []))
        .map(({ profile }) => profile);
      const hooks = hooksIn(configDir);
      const { socket } = place;
      if (wantsJson(command)) {
        writeJson(io, { pid: PROCESS_ID, socket: socket ?? null, profiles });
      }
      screen.start({ socket, hooks, profiles: profiles.length });
    },
    onSocketLost: () =>
      screen.warn("the socket has ended; it is opened again in a second"),
    onEnd: async () => await notifier[Symbol.asyncDispose](),
  });
}

/**
 * Ends the server at the first signal, and at the second what is in progress,
 * too. A hangup ends it only where a terminal is there to hang up: one that was
 * started with nohup, or by a service, stays.
 */
function takeSignals(
  { io }: Command,
  stop: AbortController,
  cut: AbortController,
): void {
  const { in: stdin, out, err } = io.terminal;
  io.signals.take((signal) => {
    if (signal === "SIGHUP" && !stdin && !out && !err) return;
    const reason = new Error("interrupted");
    if (stop.signal.aborted) cut.abort(reason);
    stop.abort(reason);
  });
  if (io.signal.aborted) stop.abort(io.signal.reason);
}

function hooksIn(configDir: string): number | string {
  try {
    return readHooks(configDir).length;
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
