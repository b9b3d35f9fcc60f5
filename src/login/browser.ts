import { type After, after } from "../base/after.ts";
import {
  type ChildEnvironment,
  childEnvironment,
} from "../system/child_environment.ts";
import { TdauthError } from "../base/errors.ts";
import { startProgram } from "../system/child_program.ts";
import { isNotFound, isNotPermitted } from "../system/system_error.ts";
import {
  browserCommands,
  type BrowserCommandsOptions,
} from "./browser_commands.ts";

export { browserCommands } from "./browser_commands.ts";

/** How to open a page. */
export interface OpenBrowserOptions extends BrowserCommandsOptions {
  /** The variables hidden from it, where this script cannot read all and so cannot remove all of tdauth's. @default {none} */
  readonly secrets?: readonly string[];
  /** Starts a program; rejects when it does not exist or fails immediately. @default a real process */
  readonly spawn?: SpawnBrowser;
  /** Called when a program that started fine ends with a failure. */
  readonly onFailure?: (message: string) => void;
  /** The timer of that immediate failure. @default the machine's clock */
  readonly after?: After;
}

/** Starts a program and resolves once it seems to run. */
export type SpawnBrowser = (
  program: string,
  args: readonly string[],
  environment: ChildEnvironment,
  onFailure: (message: string) => void,
  after: After,
) => Promise<void>;

/** How long, in milliseconds, a program may take to fail. */
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
        childEnvironment("viewer", {
          all: options.env,
          secrets: options.secrets ?? [],
        }),
        options.onFailure ?? (() => {}),
        options.after ?? after,
      );
    } catch (error) {
      cause = error;
      if (isNotPermitted(error)) break;
    }
  }
  const tried = commands.map(([program]) => program).join(", ");
  throw new TdauthError(
    "browser_failed",
    `Cannot open a browser: ${
      commands.length === 0
        ? "this session has no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"
        : isNotPermitted(cause)
        ? "this script lacks the permission (--allow-run)"
        : isNotFound(cause)
        ? options.command === undefined
          ? `none is installed (tried ${tried})`
          : `there is no command ${tried}`
        : `${cause instanceof Error ? cause.message : cause} (tried ${tried})`
    }`,
    {
      hint: "open the URL yourself, or set a browser with --browser or BROWSER",
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
  const { ended } = startProgram(program, args, {
    environment,
    stdio: "null",
    // Ctrl-C in the terminal must not close the browser.
    detached: true,
  });
  const grace = Promise.withResolvers<undefined>();
  const forget = after(GRACE, () => grace.resolve(undefined));
  const end = await Promise.race([ended, grace.promise]);
  forget();
  const failure = (code: number) => `${program} failed with exit code ${code}`;
  if (end === undefined) {
    ended.then(({ code }) => code === 0 || onFailure(failure(code)));
  } else if (end.code !== 0) throw new Error(failure(end.code));
}
