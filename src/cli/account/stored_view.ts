import { ProfileCache } from "../../cache/profile_cache.ts";
import type { Context } from "../../client/context.ts";
import { keeperOf } from "../../client/keeper.ts";
import type { Command } from "../grammar/command.ts";
import type { AccountView } from "./account.ts";
import { prepareCommand } from "./prepare_command.ts";
import { viewOf } from "./view_of.ts";

/** Looks at the account of a command; changes nothing on disk, and sends nothing but a question to its keeper. */
export async function storedView(command: Command): Promise<AccountView> {
  const context = await prepareCommand(command, {}, {}, { readOnly: true });
  const { settings, signal } = context;
  const keeper = keeperOf(settings);
  const view = await viewOfContext(context);
  if (keeper === undefined) return view;
  const { keeperStatus } = await import("../../client/keeper_status.ts");
  const { remoteCommand } = settings;
  return {
    ...view,
    keeper: await keeperStatus(keeper, { remoteCommand, signal }),
  };
}

/** Looks at what is stored for a context. */
export async function viewOfContext(
  { settings, provider, app, cache }: Context,
): Promise<AccountView> {
  const tokens = await cache.load();
  const { store } = cache;
  const disk = store instanceof ProfileCache ? store : undefined;
  return viewOf({
    settings,
    provider,
    consumerKey: app.consumerKey,
    path: disk?.path,
    sealedBy: await disk?.sealedBy(),
    tokens,
  });
}
