import type { AuthorizeOptions } from "../../../client/authorize_options.ts";
import { aboutProfile, authorizationOf } from "../../../client/authorize.ts";
import type { Context } from "../../../client/context.ts";
import { refuseFollower } from "../../../client/keeper.ts";
import { TdauthError } from "../../../base/errors.ts";
import type {
  KeptToken,
  TokenQuestion,
} from "../../../serve/keeper_answers.ts";
import type { ServedAccount } from "../../../serve/watch_accounts.ts";
import { configPath } from "../../../settings/config_file.ts";
import type { Settings } from "../../../settings/settings.ts";
import { statOf } from "../../../system/file_stat.ts";
import { everyApp } from "../../account/every_app.ts";
import { prepareCommand } from "../../account/prepare_command.ts";
import { usable } from "../../account/stored_token.ts";
import { viewOfContext } from "../../account/stored_view.ts";
import type { Command } from "../../grammar/command.ts";
import { report } from "../status/status.ts";

/** The accounts that a server is for, by the settings of the moment. */
export interface ServedAccounts {
  /** Lists them. */
  readonly list: () => Promise<readonly ServedAccount[]>;
  /** Gets an access token for one; never logs in. */
  readonly token: (question: TokenQuestion) => Promise<KeptToken>;
  /** What `tdauth status --json` prints for one. */
  readonly status: (profile: string) => Promise<object>;
}

/**
 * Finds the accounts that a server is for: that of `--profile`, or all. What is
 * needed for each is put together once, and again when `config.json` changes, so
 * that a passphrase is asked for once, and a new profile needs no restart.
 *
 * @param command The command.
 * @param settings Its settings.
 * @param options More options for each.
 * @returns The accounts.
 */
export function servedAccounts(
  command: Command,
  { configDir, profile: chosen, sources }: Settings,
  options: AuthorizeOptions,
): ServedAccounts {
  let known:
    | {
      readonly stamp: string;
      readonly contexts: ReadonlyMap<string, () => Promise<Context>>;
    }
    | undefined;

  /** What is needed for each, by the settings as they are now. */
  const contextsNow = async () => {
    const stamp = stampOf(configPath(configDir));
    if (known?.stamp === stamp) return known.contexts;
    const apps = sources.profile === "flag"
      ? [{
        profile: chosen,
        context: () => prepareCommand(command, {}, options),
      }]
      : await everyApp(command, options);
    const contexts = new Map(
      apps.map(({ profile, context }) => [profile, once(context)]),
    );
    known = { stamp, contexts };
    return contexts;
  };
  const contextOf = async (profile: string): Promise<Context> => {
    const context = (await contextsNow()).get(profile);
    if (context !== undefined) return await context();
    throw new TdauthError(
      "invalid_options",
      `Cannot answer: this tdauth serve has no profile "${profile}"`,
      {
        hint: {
          text: "make it:",
          command: ["configure", "--profile", profile],
        },
      },
    );
  };
  const list = async () =>
    [...(await contextsNow()).keys()].map((profile) => ({
      profile,
      // Not kept: how tokens are sealed may have changed since.
      context: () => contextOf(profile),
    }));
  return {
    list,
    async token({ profile, minValid, rejected }) {
      const shared = await contextOf(profile);
      refuseFollower(shared.settings, "get an access token here");
      const context = {
        ...shared,
        ...(minValid !== undefined && { minValid }),
      };
      return await aboutProfile(context, async () => {
        const authorization = authorizationOf(
          context,
          await context.cache.load(),
        );
        if (rejected === undefined) await authorization.token();
        else await authorization.refresh(rejected);
        const { apiOrigin, ...rest } = await usable(context, authorization);
        return { ...rest, apiOrigin };
      });
    },
    async status(profile) {
      const context = await contextOf(profile);
      refuseFollower(context.settings, "tell the status here");
      return await aboutProfile(
        context,
        async () => report(await viewOfContext(context), context.now() / 1000),
      );
    },
  };
}

/** Tells a file from what it was before. */
function stampOf(path: string): string {
  const { modified, size, inode } = statOf(path) ?? {};
  return [modified, size, inode].join();
}

/** Runs a function once, and again only after it has failed. */
function once<T>(run: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= run().catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
