import type {
  ClientAuthentication,
  Provider,
} from "../../providers/provider.ts";
import { formatDuration } from "../terminal/duration.ts";
import type { Facts } from "./facts.ts";
import { type Finding, ok, warning } from "./finding.ts";
import { unchosen } from "./settings.ts";
import { issuedBy, type Tokens } from "../../token/token.ts";
import { formatWhen } from "../terminal/when.ts";

/** How an app proves who it is, for people. */
const CLIENT: Readonly<Record<ClientAuthentication, string>> = {
  none: "the key alone, without a secret",
  client_secret_basic: "key and secret in a Basic header, percent-encoded",
  client_secret_raw_basic: "key and secret in a Basic header, as they are",
  client_secret_post: "key and secret in the body",
};

/**
 * Reports what the provider can do, as its preset or its metadata say. Sends
 * nothing but the request for the metadata, which other checks share.
 *
 * @param facts The facts.
 * @returns The findings; none where the provider is unknown or has shut down, which other checks report.
 */
export async function providerCheck(facts: Facts): Promise<Finding[]> {
  const { named, settings } = facts;
  if (named === undefined || unchosen(facts)) return [];
  if (settings?.keeper !== undefined) return []; // which sends the requests
  const provider = await facts.provider().catch(() => undefined);
  return provider === undefined || provider.closed !== undefined
    ? []
    : abilities(
      provider,
      settings?.consumerSecret !== undefined,
      await remembered(facts, provider),
    );
}

/** What is stored with the tokens of how this client was accepted or rejected; nothing of other settings. */
async function remembered(
  { settings, stored }: Facts,
  provider: Provider,
): Promise<Tokens["client"]> {
  const { tokens } = await stored();
  if (
    tokens?.client === undefined || settings?.consumerKey === undefined ||
    !issuedBy(tokens, provider.id)
  ) return undefined;
  const { consumerKey, consumerSecret } = settings;
  // Its package may be missing, which another check reports.
  const { isOfClient } = await import("../../oauth/client_attempts.ts");
  const app = {
    consumerKey,
    ...(consumerSecret !== undefined && { consumerSecret }),
  };
  return await isOfClient(tokens.client, provider, app)
    ? tokens.client
    : undefined;
}

/**
 * Describes what a provider can do.
 *
 * @param provider The provider.
 * @param hasSecret Whether the app has a secret.
 * @param record How the broker has accepted or rejected this client before, where that is known.
 * @returns A finding for client authentication, PKCE, revocation, logins with a device code, and refresh tokens.
 */
export function abilities(
  provider: Provider,
  hasSecret: boolean,
  record?: Tokens["client"],
): Finding[] {
  return [
    client(provider, hasSecret, record),
    ok("PKCE", provider.pkce === false ? "not sent" : "S256"),
    ok(
      "revocation",
      provider.revocationEndpoint === undefined
        ? "none: a logout deletes the tokens here, and they stay valid until they expire"
        : "offered: a logout revokes the tokens",
    ),
    ok(
      "device login",
      provider.deviceAuthorizationEndpoint === undefined
        ? "not offered"
        : "offered",
    ),
    ok("refresh tokens", refreshTokens(provider)),
  ];
}

function client(
  { clientAuthentication }: Provider,
  hasSecret: boolean,
  record: Tokens["client"],
): Finding {
  if (record?.rejected !== undefined) {
    const { time, reason } = record.rejected;
    return warning(
      "client",
      `the broker rejected it on ${formatWhen(time)}: ${reason}`,
      { fix: "compare the key and secret", command: ["configure"] },
    );
  }
  const works = Object.entries(CLIENT).find(([way]) => way === record?.works);
  if (works !== undefined) {
    return ok("client", `${works[1]} (what the broker has accepted)`);
  }
  const way = hasSecret
    ? clientAuthentication ?? "client_secret_basic"
    : "none";
  return ok(
    "client",
    `${CLIENT[way]}${clientAuthentication ? "" : " (the default)"}`,
  );
}

function refreshTokens(
  {
    refreshTokens,
    refreshTokenLifetime,
    refreshTokenLifetimeFrom,
    rotatesRefreshToken,
  }: Provider,
): string {
  const from = refreshTokenLifetimeFrom === "login" ? " from the login" : "";
  return [
    refreshTokens === "always"
      ? "always issued"
      : "issued where the app and the scope allow it",
    ...(refreshTokenLifetime === undefined
      ? []
      : [`valid for ${formatDuration(refreshTokenLifetime)}${from}`]),
    rotatesRefreshToken === false
      ? "kept at a refresh"
      : "a refresh may replace them",
  ].join("; ");
}
