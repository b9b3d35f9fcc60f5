import type { Define } from "./define.ts";

/** The commands that get tokens and keep them. */
export function accountCommands({ add, runs, app, appKey }: Define): void {
  app(
    add(
      "configure",
      "Ask for the app's settings and keep them.",
      "tdauth configure --provider schwab",
    ),
  )
    .option(
      "--seal <kind>",
      "keep the tokens encrypted: by the keychain, a passphrase, or the key in TD_CACHE_KEY (keychain, passphrase or key)",
    )
    .action(
      runs(async () =>
        (await import("../commands/configure/configure.ts")).configureCommand
      ),
    );
  app(
    add(
      "login",
      "Log in with your browser and store the tokens.",
      "tdauth login --if-older 5d",
    ),
  )
    .option("--no-browser", "only print the page's URL")
    .option("--browser <cmd>", "open the page with this command (BROWSER)")
    .option(
      "--timeout <duration>",
      "how long to wait for the login, like 90s or 10m (default: 5m)",
    )
    .option(
      "--force",
      "log in even when another login has just been made, and end its tokens",
    )
    .option(
      "--if-older <duration>",
      "do nothing when the last login is younger, like 5d",
    )
    .action(
      runs(async () =>
        (await import("../commands/login/login.ts")).loginCommand
      ),
    );
  add(
    "status",
    "Show the tokens' state and when the next login is due.",
    "tdauth status --fail-within 24h",
  )
    .summary("Show the tokens and when the next login is due.")
    .option(
      "--fail-within <duration>",
      "exit with 3 when a login is needed within this time, like 24h",
    )
    .action(
      runs(async () =>
        (await import("../commands/status/status.ts")).statusCommand
      ),
    );
  add("refresh", "Get a new access token now.", "tdauth refresh --profile work")
    .action(
      runs(async () => (await import("../commands/refresh.ts")).refreshCommand),
    );
  add(
    "logout",
    "Revoke the tokens where the broker can, and forget them.",
    "tdauth logout --all",
  )
    .summary("Forget the tokens, and revoke them where possible.")
    .option("--all", "log out of every profile")
    .action(
      runs(async () =>
        (await import("../commands/logout/logout.ts")).logoutCommand
      ),
    );
  appKey(
    add(
      "sandbox",
      "Run a practice broker on this machine until Ctrl-C.",
      "tdauth sandbox --provider tdameritrade",
    ),
  )
    .option("--port <port>", "the port to listen on; 0 is any (default: 4280)")
    .option(
      "--approve <url>",
      "log in at a running practice broker as its test user would",
    )
    .action(
      runs(async () =>
        (await import("../commands/sandbox/sandbox.ts")).sandboxCommand
      ),
    );
}
