import { SECRET_VARIABLES } from "../settings/variable_table.ts";
import {
  mayReadVariable,
  realEnv,
  realEnvironment,
} from "../system/environment.ts";
import type { Log } from "../base/log.ts";
import type { LoginEvent } from "../login/login_event.ts";

/**
 * Shows a page in the browser that `BROWSER` names, else in the system's.
 *
 * @param url The page.
 * @throws {TdauthError} `browser_failed` when none could be opened.
 */
export async function openInBrowser(url: string): Promise<void> {
  const { openBrowser } = await import("../login/browser.ts");
  const command = realEnv("BROWSER");
  const env = realEnvironment();
  await openBrowser(url, {
    secrets: SECRET_VARIABLES,
    ...(command !== undefined && { command }),
    ...(env && { env }),
  });
}

/**
 * Returns why no browser can be opened here, as far as this script may know.
 *
 * @returns The reason; `undefined` if one can be opened, or some variable may not be read.
 */
export async function noBrowserHere(): Promise<string | undefined> {
  const { BROWSER_VARIABLES, noBrowser } = await import(
    "../login/no_browser.ts"
  );
  return BROWSER_VARIABLES.every(mayReadVariable)
    ? noBrowser(realEnv)
    : undefined;
}

/** Says that a browser can be opened: the caller has a way of its own. */
export function oneOpens(): Promise<undefined> {
  return Promise.resolve(undefined);
}

/**
 * Makes the listener of a script that has no user interface of its own.
 *
 * @param log Where a login's progress is written.
 * @returns The listener.
 */
export function logEvents(log: Log): (event: LoginEvent) => void {
  return (event) => {
    if (event.type === "ready") log("info", `log in at ${event.url}`);
    // Without it the user could not log in at all.
    if (event.type === "device") {
      log(
        "warning",
        `log in at ${event.verificationUri} and enter the code ${event.userCode}`,
      );
    }
    if (event.type === "not_opened" || event.type === "retrying") {
      log("warning", event.message);
    }
    if (event.type === "rejected") {
      log("warning", `a ${event.from} was rejected: ${event.reason}`);
    }
    if (event.type === "done") log("info", "logged in");
  };
}
