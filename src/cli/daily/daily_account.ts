import { AccessToken } from "../../token/token.ts";
import type { Account } from "../account/account.ts";
import type { Command } from "../grammar/command.ts";
import {
  findAccount,
  type FoundAccount,
  storedText,
  tokenOf,
} from "./found_account.ts";
import { unusual } from "./unusual.ts";

/** The account as far as it is known without a request, a lock or a prompt; anything else throws `Unusual`. */
export const dailyAccount: Account<Command> = {
  async token(command, minValid) {
    const account = find(command);
    const { env, now } = command.io;
    const stored = await storedText(account, { env });
    const held = tokenOf(account, stored, minValid, now());
    const { key, known } = account.provider;
    return {
      token: held.token,
      accessToken: new AccessToken(held, now),
      provider: key,
      ...(known?.apiOriginFrom !== undefined && { apiOrigin: held.apiOrigin }),
    };
  },
  // It may refresh.
  replace: unusual,
  async view(command) {
    const account = find(command);
    if (account.settings.keeper !== undefined) unusual(); // which is asked
    const { accountView } = await import("./account_view.ts");
    const { env, now } = command.io;
    return accountView(account, await storedText(account, { env }), now);
  },
};

function find({ io, settings }: Command): FoundAccount {
  const account = findAccount({ given: settings, env: io.env });
  if (account.note !== undefined) io.err(`tdauth: ${account.note}\n`);
  return account;
}
