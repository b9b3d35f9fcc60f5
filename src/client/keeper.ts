import { TdauthError } from "../base/errors.ts";
import type { HintInput } from "../base/hint.ts";
import { isProfileName } from "../settings/profile_name.ts";
import type { Settings } from "../settings/find_settings.ts";
import { parseSshHost, type SshHost, sshHostText } from "../system/ssh_call.ts";

/** Where the tokens of a profile are kept: a machine that ssh reaches, or `tdauth serve` at a Unix socket. */
export type Keeper =
  & {
    /** What people are told that it is. */
    readonly name: string;
    /** The profile there. */
    readonly profile: string;
  }
  & ({ readonly host: SshHost } | { readonly socket: string });

/**
 * Tells whether a profile's tokens are kept elsewhere, and where: `ssh://user@host`
 * and `ssh://user@host/PROFILE`, where the profile there has another name, or the
 * path of a socket.
 *
 * @param settings The settings.
 * @returns The keeper; `undefined` when the tokens are kept here.
 * @throws {TdauthError} `invalid_options` when ssh could not be called with it.
 */
export function keeperOf(
  { keeper, profile }: Pick<Settings, "keeper" | "profile">,
): Keeper | undefined {
  if (keeper === undefined) return undefined;
  if (!keeper.includes("://")) {
    return { name: keeper, profile, socket: keeper };
  }
  const [, address = "", there] =
    /^(ssh:\/\/[^/]*)(?:\/([^/]*))?$/i.exec(keeper) ?? [];
  const host = parseSshHost(address);
  if (host === undefined || (there && !isProfileName(there))) {
    throw new TdauthError(
      "invalid_options",
      `Cannot use "${keeper}" as the keeper: it is no address for ssh`,
      {
        hint:
          "write ssh://user@host, with :PORT or /PROFILE behind it where they differ",
      },
    );
  }
  return { name: sshHostText(host), profile: there || profile, host };
}

/**
 * Refuses what only the keeper of the tokens can do.
 *
 * @param settings The settings.
 * @param what What was to be done: `log in`.
 * @throws {TdauthError} `invalid_options` when the tokens are kept elsewhere.
 */
export function refuseFollower(
  settings: Pick<Settings, "keeper" | "profile">,
  what: string,
): void {
  const keeper = keeperOf(settings);
  if (keeper === undefined) return;
  throw new TdauthError(
    "invalid_options",
    `Cannot ${what}: the tokens of this profile are kept by ${keeper.name}`,
    { hint: loginHint(keeper) },
  );
}

/** How to log in where the tokens are kept. */
export function loginHint(keeper: Keeper): HintInput {
  return "host" in keeper
    ? {
      text: "log in there, with the browser here:",
      command: [
        ...["login", "--on", sshAddress(keeper.host)],
        ...(keeper.profile === "default" ? [] : ["--profile", keeper.profile]),
      ],
    }
    : "log in where tdauth serve runs, which listens at that socket";
}

/** An address that `--on` takes. */
function sshAddress(host: SshHost): string {
  return host.port === undefined
    ? sshHostText(host)
    : `ssh://${host.user === undefined ? "" : `${host.user}@`}${
      host.host.includes(":") ? `[${host.host}]` : host.host
    }:${host.port}`;
}
