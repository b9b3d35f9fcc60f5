import { TdauthError } from "../base/errors.ts";
import { platformConfigDir, withoutSlash } from "../system/config_dir.ts";
import type { Env } from "../system/environment.ts";

/** Where the files of a running `tdauth serve` are. */
export interface ServePlace {
  /** The lock that it holds all its life, in the directory of the tokens: two that would refresh the same ones meet there. */
  readonly lock: string;
  /** What it says of itself, beside the lock. */
  readonly state: string;
  /** The private directory of its sockets. */
  readonly directory: string;
  /** The keeper's socket; `undefined` on Windows, which has none that Deno can listen on. */
  readonly socket: string | undefined;
}

/** What decides where the files are. */
export interface PlaceOptions {
  /** The configuration directory. */
  readonly configDir: string;
  /** The directory of the token files. */
  readonly tokenDir: string;
  /** The environment. */
  readonly env: Env;
  /** The operating system. */
  readonly os: string;
}

/** The longest path of a Unix socket in bytes, with the NUL behind it: Linux has 108, macOS and the BSDs 104. */
const LONGEST_PATH = 104;
/** What the temporary name of a socket, before it is renamed, adds. */
const TEMPORARY = ".new-00000000";

/**
 * Finds where the files of `tdauth serve` are: the sockets in
 * `$XDG_RUNTIME_DIR/tdauth/`, which no other user can enter and a reboot
 * empties, where the configuration directory is the platform's own; any other
 * one, and a machine without that variable, has them in its `run/`.
 *
 * @param options What decides it.
 * @returns The paths.
 * @throws {TdauthError} `invalid_options` when a socket there would have too long a path.
 */
export function servePlace(
  { configDir, tokenDir, env, os }: PlaceOptions,
): ServePlace {
  const runtime = env("XDG_RUNTIME_DIR");
  // Two configuration directories have two servers, which cannot share one name.
  const own = configDir === platformConfigDir(env, os);
  const directory = own && runtime?.startsWith("/")
    ? `${withoutSlash(runtime)}/tdauth`
    : `${withoutSlash(configDir)}/run`;
  const socket = os === "windows" ? undefined : `${directory}/keeper.sock`;
  const tokens = withoutSlash(tokenDir);
  if (socket !== undefined) checkLength(socket);
  return {
    lock: `${tokens}/serve.lock`,
    state: `${tokens}/serve.state`,
    directory,
    socket,
  };
}

function checkLength(socket: string): void {
  const { length } = new TextEncoder().encode(`${socket}${TEMPORARY}\0`);
  if (length <= LONGEST_PATH) return;
  throw new TdauthError(
    "invalid_options",
    `Cannot make a socket at "${socket}": its path is ${
      length - LONGEST_PATH
    } bytes too long for a Unix socket`,
    {
      hint:
        "use a configuration directory with a shorter path (--config-dir, TD_CONFIG_DIR), such as a link to this one",
    },
  );
}
