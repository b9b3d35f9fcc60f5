import { type After, after } from "../after.ts";
import {
  type ChildEnvironment,
  childEnvironment,
} from "../system/config_dir.ts";
import { TdauthError } from "../errors.ts";
import {
  browserCommands,
  type BrowserCommandsOptions,
} from "./browser_commands.ts";

export { browserCommands } from "./browser_commands.ts";

/** How to open a page. */
export interface OpenBrowserOptions extends BrowserCommandsOptions {
  /** Starts a program; rejects when it does not exist or fails at once. @default a real process */
  readonly spawn?: SpawnBrowser;
  /** Hears when a program that looked well at first ends with a failure. */
  readonly onFailure?: (message: string) => void;
  /** What counts the time that a program has to fail at once. @default the machine's clock */
  readonly after?: After;
}

/** Starts a program and resolves as soon as it looks well. */
export type SpawnBrowser = (
  program: string,
  args: readonly string[],
  environment: ChildEnvironment,
  onFailure: (message: string) => void,
  after: After,
) => Promise<void>;

/** How long, in milliseconds, a program may take to say that it failed. */
const GRACE = 500;
/**
 * Opens a page in the user's browser, without a shell and without waiting for
 * the browser; what it prints is thrown away.
 *
 * @param url An http or https URL.
 * @param options How to open it.
 * @throws {TypeError} When the URL is not http or https.
 * @throws {TdauthError} `browser_failed` when no browser could be started.
 */
export async function openBrowser(
  url: string,
  options: OpenBrowserOptions = {},
): Promise<void> {
  const commands = browserCommands(url, options);
  const spawn = options.spawn ?? spawnDetached;
  let cause: unknown;
  for (const [program = "", ...args] of commands) {
    try {
      return await spawn(
        program,
        args,
        childEnvironment("viewer", { all: options.env }),
        options.onFailure ?? (() => {}),
        options.after ?? after,
      );
    } catch (error) {
      cause = error;
      if (error instanceof Deno.errors.NotCapable) break;
    }
  }
  const tried = commands.map(([program]) => program).join(", ");
  throw new TdauthError(
    "browser_failed",
    `Cannot open a browser: ${
      commands.length === 0
        ? "this session has no screen (neither DISPLAY nor WAYLAND_DISPLAY is set)"
        : cause instanceof Deno.errors.NotCapable
        ? "this script was not given the permission (--allow-run)"
        : cause instanceof Deno.errors.NotFound
        ? options.command === undefined
          ? `none is installed (tried ${tried})`
          : `there is no command ${tried}`
        : `${cause instanceof Error ? cause.message : cause} (tried ${tried})`
    }`,
    {
      hint: "open the URL by hand, or name a browser with --browser or BROWSER",
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

async function spawnDetached(
  program: string,
  args: readonly string[],
  environment: ChildEnvironment,
  onFailure: (message: string) => void,
  after: After,
): Promise<void> {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
    // A session of its own: Ctrl-C in the terminal must not close the browser.
    detached: true,
    ...environment,
  }).spawn();
  child.unref();
  const grace = Promise.withResolvers<undefined>();
  const forget = after(GRACE, () => grace.resolve(undefined));
  const status = await Promise.race([child.status, grace.promise]);
  forget();
  const failure = ({ code }: Deno.CommandStatus) =>
    `${program} failed with exit code ${code}`;
  if (status === undefined) {
    child.status.then((late) => late.success || onFailure(failure(late)));
  } else if (!status.success) throw new Error(failure(status));
}
