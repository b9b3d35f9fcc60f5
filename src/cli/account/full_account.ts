import type { Command } from "../grammar/command.ts";
import type { Account } from "./account.ts";

/** The account with everything that it may take: locks, a refresh, a prompt for a passphrase. */
export const fullAccount: Account<Command> = {
  token: async (command, minValid) =>
    (await import("./stored_token.ts")).storedToken(command, minValid),
  replace: async (command, minValid) =>
    (await import("./replaced_token.ts")).replacedToken(command, minValid),
  view: async (command) =>
    (await import("./stored_view.ts")).storedView(command),
  notify: async (command, within) =>
    (await import("./notify_hooks.ts")).notifyHooks(command, within ?? 0),
};
