import { abortable } from "../base/abortable.ts";
import { TdauthError } from "../base/errors.ts";
import { isThere, lstatOf } from "../system/file_stat.ts";
import { isForeign, isOpenToOthers } from "../system/file_stat.ts";
import {
  makeDirectory,
  removeQuietly,
  renameFile,
  setMode,
} from "../system/files.ts";
import type { RequestHandler } from "../system/listen.ts";
import { reason } from "../system/system_error.ts";
import { isListening, serveUnix } from "../system/unix_socket.ts";
import type { ServePlace } from "./serve_place.ts";

/** A socket at which requests are answered. */
export interface KeeperSocket extends AsyncDisposable {
  /** Its path. */
  readonly path: string;
  /** Resolves when it has ended, also by itself. */
  readonly ended: Promise<void>;
  /**
   * Removes the file, accepts no more and answers what runs.
   *
   * @param signal Ends the wait for what runs; the process's end cuts it.
   */
  readonly close: (signal?: AbortSignal) => Promise<void>;
}

/**
 * Opens the keeper's socket: bound under another name, with access for this user
 * alone, and then renamed, so that a client finds it whole or not at all. What a
 * killed server has left is replaced; the caller holds the lock of `tdauth
 * serve`. Disposing it ends the connections and removes the file.
 *
 * @param place Where it is.
 * @param path The socket's path.
 * @param handler Answers the requests.
 * @returns The socket.
 * @throws {TdauthError} `cache_unreadable` when the directory is not private or the
 * socket cannot be made; `busy` when the server of another configuration directory has it.
 */
export async function openKeeperSocket(
  { directory }: Pick<ServePlace, "directory">,
  path: string,
  handler: RequestHandler,
): Promise<KeeperSocket> {
  makeOwnDirectory(directory);
  const there = lstatOf(path);
  if (there !== undefined && there.kind !== "other") {
    throw cannot(path, `a ${there.kind} of this name is there`);
  }
  if (there !== undefined && await answers(path)) {
    throw new TdauthError(
      "busy",
      `Cannot make the socket "${path}": another server listens at it`,
      {
        hint:
          "it is that of another configuration directory: end it, or give each one its own XDG_RUNTIME_DIR",
      },
    );
  }
  const temporary = `${path}.new-${crypto.randomUUID().slice(0, 8)}`;
  const end = new AbortController();
  try {
    const server = serveUnix({
      path: temporary,
      signal: end.signal,
      handler,
    });
    // Only this user can enter the directory, so that no other one was quicker. A
    // umask would do it, too, and for all files of this process at that moment.
    setMode(temporary, 0o600);
    renameFile(temporary, path);
    const own = lstatOf(path)?.inode;
    let state: "open" | "closing" | "ended" = "open";
    const ended = server.finished.catch(() => {})
      .then(() => void (state = "ended"));
    // Not that of another one which has taken the name since.
    const remove = () => {
      if (lstatOf(path)?.inode === own) removeQuietly(path);
    };
    return {
      path,
      ended,
      async close(signal) {
        remove();
        if (state !== "open") return;
        state = "closing";
        // A connection may stay open for ever with half a request.
        await abortable(server.shutdown(), signal).catch(() => {});
      },
      async [Symbol.asyncDispose]() {
        remove();
        if (state === "open") end.abort();
        if (state !== "closing") await ended;
      },
    };
  } catch (cause) {
    end.abort();
    removeQuietly(temporary);
    throw cannot(path, reason(cause), cause);
  }
}

/** A file that cannot be opened belongs to no server of this user's. */
async function answers(path: string): Promise<boolean> {
  try {
    return await isListening(path);
  } catch (cause) {
    throw cannot(path, reason(cause), cause);
  }
}

/** Makes the sockets' directory, or refuses one that is a link, another user's or open to others. */
function makeOwnDirectory(path: string): void {
  try {
    if (!isThere(path)) makeDirectory(path, 0o700);
  } catch (cause) {
    throw cannot(path, reason(cause), cause);
  }
  const stat = lstatOf(path);
  const why = stat?.kind === "link"
    ? "it is a link"
    : stat?.kind !== "directory"
    ? "it is no directory"
    : isForeign(stat)
    ? "it belongs to another user"
    : isOpenToOthers(stat)
    ? "other users can access it"
    : undefined;
  if (why === undefined) return;
  throw new TdauthError(
    "cache_unreadable",
    `Cannot use the directory "${path}" for sockets: ${why}`,
    { hint: "remove it: tdauth serve makes it again, for this user alone" },
  );
}

function cannot(path: string, why: string, cause?: unknown): TdauthError {
  return new TdauthError(
    "cache_unreadable",
    `Cannot make the socket "${path}": ${why}`,
    {
      hint:
        "make its directory writable and remove what has this name, or use another configuration directory with --config-dir",
      ...(cause !== undefined && { cause }),
    },
  );
}
