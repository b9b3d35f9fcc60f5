import type { RequestHandler } from "../system/listen.ts";
import { makePrivateDirectory } from "../system/private_path.ts";
import { directoryOf } from "../system/files.ts";
import { type KeeperSocket, openKeeperSocket } from "./keeper_socket.ts";
import { withServeLock } from "./serve_lock.ts";
import type { ServePlace } from "./serve_place.ts";
import type { ServeState } from "./read_state.ts";
import { removeState, writeState } from "./serve_state.ts";
import { watchAccounts, type WatchAllOptions } from "./watch_accounts.ts";

/** Options of {@linkcode runServe}. */
export interface RunServeOptions extends WatchAllOptions {
  /** Where its files are. */
  readonly place: ServePlace;
  /** What it says of itself. */
  readonly state: ServeState;
  /** Answers the requests at the socket. */
  readonly handler: RequestHandler;
  /** Called once it holds its lock and the socket is there. */
  readonly onReady: () => Promise<void>;
  /** Called at the end, when nothing else is in progress, such as for hooks that run still. */
  readonly onEnd: () => Promise<void>;
  /** Called when the socket has ended by itself, as without file descriptors; it is opened again. */
  readonly onSocketLost: () => void;
  /** Runs a function after a delay of milliseconds; returns what cancels it. */
  readonly after: (milliseconds: number, act: () => void) => () => void;
  /** Aborts requests, refreshes and hooks. */
  readonly cut: AbortController;
}

/** How long, in milliseconds, what is in progress at the end has for it. */
export const GRACE = 5_000;
/** How long, in milliseconds, a lost socket stays away. */
const REOPEN_AFTER = 1_000;

/**
 * Runs the server until its signal aborts. It owns nothing: tokens, locks and
 * refreshes are those of the cache, so that any other process works beside it,
 * and it can be killed at any moment.
 *
 * @param options The accounts, the socket's handler, the place and the edges.
 * @returns A promise that resolves when all has ended: a refresh in progress is
 * stored, requests at the socket are answered, within five seconds.
 * @throws {TdauthError} `busy` when another one runs; `cache_unreadable` when its
 * files cannot be made.
 */
export async function runServe(options: RunServeOptions): Promise<void> {
  const { place, state, signal, cut, after } = options;
  makePrivateDirectory(directoryOf(place.lock));
  await withServeLock(place.lock, async () => {
    const first = await open(options);
    let cancel = () => {};
    const stop = () => void (cancel = after(GRACE, () => cut.abort(late())));
    try {
      writeState(place, state);
      await options.onReady();
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
      await Promise.all([
        watchAccounts(options),
        ...(first === undefined ? [] : [keepOpen(first, options)]),
      ]);
      await options.onEnd();
    } finally {
      cancel();
      removeState(place);
    }
  });
}

async function open(
  { place, handler }: RunServeOptions,
): Promise<KeeperSocket | undefined> {
  return place.socket === undefined
    ? undefined
    : await openKeeperSocket(place, place.socket, handler);
}

/** Has the socket open until the signal aborts, and answers what was asked until then. */
async function keepOpen(
  first: KeeperSocket,
  options: RunServeOptions,
): Promise<void> {
  const { signal, sleep, cut, onSocketLost } = options;
  const stopped = Promise.withResolvers<void>();
  if (signal.aborted) stopped.resolve();
  signal.addEventListener("abort", () => stopped.resolve(), { once: true });
  let socket: KeeperSocket | undefined = first;
  while (true) {
    if (socket !== undefined) {
      await Promise.race([socket.ended, stopped.promise]);
      await socket.close(cut.signal);
    }
    if (signal.aborted) return;
    if (socket !== undefined) onSocketLost();
    await sleep(REOPEN_AFTER, signal).catch(() => {});
    if (signal.aborted) return;
    socket = await open(options).catch(() => undefined);
  }
}

function late(): Error {
  return new Error(`tdauth serve ended, and it took longer than ${GRACE} ms`);
}
