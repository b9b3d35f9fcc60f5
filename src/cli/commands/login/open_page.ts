import { openBrowser } from "../../../login/browser.ts";
import { SECRET_VARIABLES } from "../../../settings/variable_table.ts";
import { realEnvironment } from "../../../system/environment.ts";
import type { Command } from "../../grammar/command.ts";
import type { LoginFlags } from "./flags.ts";

/**
 * Opens the provider's page as the user wants it: by `--browser`, `BROWSER` or the
 * system's browser.
 *
 * @param command The command.
 * @param url The page.
 * @param onFailure Called when a browser that started fine ends with a failure.
 * @throws {TdauthError} `browser_failed` when no browser could be started.
 */
export async function openPage(
  { io, flags }: Command<LoginFlags>,
  url: string,
  onFailure: (message: string) => void,
): Promise<void> {
  if (flags.browser === false) return;
  if (io.openUrl !== undefined) return await io.openUrl(url);
  const browser = flags.browser ?? io.env("BROWSER");
  const env = realEnvironment();
  await openBrowser(url, {
    secrets: SECRET_VARIABLES,
    ...(browser !== undefined && { command: browser }),
    ...(env && { env }),
    onFailure,
  });
}
