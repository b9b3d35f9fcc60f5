import { deadline } from "../base/deadline.ts";
import { TdauthError } from "../base/errors.ts";
import { SECRET_VARIABLES } from "../settings/variable_table.ts";
import { childEnvironment } from "../system/child_environment.ts";
import { runProgram } from "../system/run_program.ts";
import { sshCall, type SshHost } from "../system/ssh_call.ts";
import { isNotFound, isNotPermitted } from "../system/system_error.ts";
import type { Keeper } from "./keeper.ts";
import { type KeeperAnswer, nonsense, objectIn } from "./keeper_answer.ts";

/** What a keeper is asked for. */
export interface KeeperQuestion {
  /** An access token, or what `tdauth status` says. */
  readonly about: "token" | "status";
  /** How long the token must be valid, in seconds. @default {the keeper decides} */
  readonly minValid?: number | undefined;
  /** A token that the API rejected: another one is wanted. */
  readonly rejected?: string | undefined;
}

/** How a keeper is reached. */
export interface KeeperReach {
  /** How tdauth is called on the other machine, words separated by spaces. */
  readonly remoteCommand: string;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
}

/** How long a keeper may take, in milliseconds: a connection, and a refresh at a slow broker. */
const LIMIT = 60_000;
/** How much of its answer is read, in bytes. */
const MOST = 65_536;

/**
 * Asks a keeper.
 *
 * @param keeper The keeper.
 * @param question What for.
 * @param reach How it is reached.
 * @returns What it answered.
 * @throws {TdauthError} `broker_unavailable` when it cannot be reached,
 * `unexpected_answer` when it answers nonsense, `invalid_options` when there is no
 * tdauth there.
 */
export function askKeeper(
  keeper: Keeper,
  question: KeeperQuestion,
  reach: KeeperReach,
): Promise<KeeperAnswer> {
  return "host" in keeper
    ? askOverSsh(keeper, keeper.host, question, reach)
    : askAtSocket(keeper, keeper.socket, question, reach);
}

async function askOverSsh(
  keeper: Keeper,
  host: SshHost,
  { about, minValid, rejected }: KeeperQuestion,
  { remoteCommand, signal }: KeeperReach,
): Promise<KeeperAnswer> {
  const words = [
    ...remoteCommand.split(/\s+/).filter((word) => word !== ""),
    about,
    "--json",
    "--profile",
    keeper.profile,
    ...(minValid === undefined
      ? []
      : ["--min-valid", `${Math.ceil(minValid)}s`]),
    ...(rejected === undefined ? [] : ["--refused"]),
  ];
  const call = sshCall(host, words, { unattended: true });
  const ended = await runProgram({ ...call, input: rejected ?? "" }, {
    ...childEnvironment("viewer", { secrets: SECRET_VARIABLES }),
    limit: LIMIT,
    most: MOST,
    ...(signal && { signal }),
  }).catch((error) => {
    if (isNotFound(error)) throw unreachable(keeper, "there is no ssh here");
    if (isNotPermitted(error)) throw notPermitted(keeper, "--allow-run=ssh");
    throw error;
  });
  if (ended.timedOut) {
    throw unreachable(keeper, `no answer within ${LIMIT / 1000} seconds`);
  }
  if (ended.tooLong) throw nonsense(keeper, "it never stops writing");
  const fields = objectIn(ended.stdout);
  if (fields !== undefined) return { ok: ended.code === 0, fields };
  const why = lastLine(ended.stderr);
  if (ended.code === 255) {
    throw unreachable(keeper, why ?? "ssh says no reason");
  }
  // What a shell says: no such command, and one that may not be run.
  if (ended.code === 127 || ended.code === 126) {
    throw new TdauthError(
      "invalid_options",
      `Cannot get an access token from ${keeper.name}: there is no command ${remoteCommand} there`,
      {
        hint:
          "install tdauth there, or set TD_REMOTE_COMMAND to its path there",
      },
    );
  }
  throw nonsense(
    keeper,
    why ?? `it exited with ${ended.code}, and said nothing`,
  );
}

async function askAtSocket(
  keeper: Keeper,
  socket: string,
  { about, minValid, rejected }: KeeperQuestion,
  { signal }: KeeperReach,
): Promise<KeeperAnswer> {
  const query = new URLSearchParams({
    profile: keeper.profile,
    ...(minValid !== undefined && { min_valid: `${Math.ceil(minValid)}` }),
  });
  const { unixFetch } = await import("../system/unix_fetch.ts");
  using limit = deadline(LIMIT);
  const { status, text } = await unixFetch(
    socket,
    `/tdauth/v1/${about}?${query}`,
    {
      ...(rejected !== undefined && { method: "POST", body: rejected }),
      signal: signal ? AbortSignal.any([signal, limit.signal]) : limit.signal,
    },
  ).catch((error) => {
    signal?.throwIfAborted();
    if (isNotPermitted(error)) {
      throw notPermitted(
        keeper,
        `--allow-net --allow-read=${socket} --allow-write=${socket}`,
      );
    }
    throw unreachable(
      keeper,
      limit.signal.aborted
        ? `no answer within ${LIMIT / 1000} seconds`
        : "nothing listens there",
      "start tdauth serve",
    );
  });
  const fields = objectIn(text);
  if (fields === undefined) {
    throw nonsense(keeper, `it answered with status ${status} and no JSON`);
  }
  return { ok: status === 200, fields };
}

function unreachable(
  keeper: Keeper,
  why: string,
  hint =
    `check that ssh needs no answer: ssh -o BatchMode=yes ${keeper.name} true`,
): TdauthError {
  return new TdauthError(
    "broker_unavailable",
    `Cannot get an access token from ${keeper.name}: ${why}`,
    { hint },
  );
}

function notPermitted(keeper: Keeper, permission: string): TdauthError {
  return new TdauthError(
    "invalid_options",
    `Cannot get an access token from ${keeper.name}: this script lacks the permission`,
    { hint: `run it with ${permission}` },
  );
}

/** What a program said last, without a period, as the words of an error. */
function lastLine(text: string): string | undefined {
  return text.split("\n").map((line) => line.trim())
    .filter((line) => line !== "").at(-1)?.replace(/\.$/, "").slice(0, 300);
}
