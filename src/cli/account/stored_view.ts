import { ProfileCache } from "../../cache/profile_cache.ts";
import { issuedBy, noTokens } from "../../token/token.ts";
import type { Command } from "../grammar/command.ts";
import type { AccountView } from "./account.ts";
import { prepareCommand } from "./prepare_command.ts";

/** Looks at the account of a command; changes nothing on disk and sends nothing. */
export async function storedView(command: Command): Promise<AccountView> {
  const { settings, provider, app, cache } = await prepareCommand(
    command,
    {},
    {},
    { readOnly: true },
  );
  const stored = await cache.load();
  const { store } = cache;
  const disk = store instanceof ProfileCache ? store : undefined;
  const tokens = issuedBy(stored, provider.id) ? stored : noTokens();
  return {
    profile: settings.profile,
    provider: provider.key,
    providerName: provider.name,
    sandbox: settings.sandbox,
    consumerKey: app.consumerKey,
    callbackUrl: settings.callbackUrl,
    apiOrigin: tokens.apiOrigin && (settings.apiOrigin ?? tokens.apiOrigin),
    path: disk?.path,
    sealedBy: await disk?.sealedBy(),
    seal: settings.seal,
    tokens,
  };
}
