import type { LoginNeededError, Provider } from "../providers/provider.ts";
import type { Settings } from "../settings/find_settings.ts";
import type { PROVIDER_SETTINGS } from "../settings/provider_settings.ts";
import type { Parameters } from "../settings/setting_values.ts";

/** What settings say of a provider. */
export type ProviderSettings = Pick<
  Settings,
  "scope" | keyof typeof PROVIDER_SETTINGS
>;

/** The fields that the setting `provider` decides, or metadata alone, and those that tell a user what the author of a profile knows. */
type Unsaid =
  | "id"
  | "issuer"
  | "announcedAuthentications"
  | "needsSecret"
  | "closed"
  | "localhostWarning"
  | "troubleHint";
/** The fields whose settings are not taken as they are. */
type Made =
  | "name"
  | "authorizationParameters"
  | "exchangeParameters"
  | "refreshParameters"
  | "renewal"
  | "loginNeededErrors";

/**
 * The fields whose settings have their names. A field without a setting does not
 * compile: what a provider says, a profile can say.
 */
const SAME = {
  authorizationEndpoint: true,
  tokenEndpoint: true,
  revocationEndpoint: true,
  deviceAuthorizationEndpoint: true,
  apiOrigin: true,
  apiOriginFrom: true,
  clientAuthentication: true,
  pkce: true,
  issInResponse: true,
  responseMode: true,
  scope: true,
  scopeSeparator: true,
  scopeAtRefresh: true,
  consumerKeySuffix: true,
  accessTokenLifetime: true,
  refreshTokens: true,
  refreshTokenLifetime: true,
  refreshTokenLifetimeFrom: true,
  rotatesRefreshToken: true,
  loginEndsOthers: true,
  httpsCallbackOnly: true,
  userAgent: true,
} as const satisfies Readonly<
  Record<Exclude<keyof Provider, Unsaid | Made>, true>
>;

/** Where a practice broker stands in for the broker, its own are used. */
const ENDPOINTS: readonly string[] = [
  "authorizationEndpoint",
  "tokenEndpoint",
  "revocationEndpoint",
  "deviceAuthorizationEndpoint",
  "apiOrigin",
  "apiOriginFrom",
];

/**
 * Changes a provider as settings say.
 *
 * @param provider What is known of it without them.
 * @param settings The settings.
 * @param atSandbox Whether it is a practice broker.
 * @returns The provider to use.
 */
export function composedProvider(
  provider: Provider,
  settings: ProviderSettings,
  atSandbox = false,
): Provider {
  const same = Object.fromEntries(
    namesOf(SAME).filter((name) =>
      settings[name] !== undefined && !(atSandbox && ENDPOINTS.includes(name))
    ).map((name): readonly unknown[] => [name, settings[name]]),
  );
  const { providerName, loginNeededErrors } = settings;
  const maps = Object.fromEntries(
    ([
      "authorizationParameters",
      "exchangeParameters",
      "refreshParameters",
    ] as const)
      .flatMap((name) => {
        const added = settings[name];
        return added === undefined
          ? []
          : [[name, merged(provider[name], added)]];
      }),
  );
  return {
    ...provider,
    ...same,
    ...maps,
    ...(providerName !== undefined && { name: providerName }),
    ...renewal(settings),
    ...(loginNeededErrors !== undefined && {
      loginNeededErrors: Object.entries(loginNeededErrors).map(errorOf),
    }),
  };
}

/** An empty value removes the provider's own. */
function merged(own: Parameters | undefined, added: Parameters): Parameters {
  return Object.fromEntries(
    Object.entries({ ...own, ...added }).filter(([, value]) => value !== ""),
  );
}

function renewal(
  { renewalParameters, renewalWithin }: ProviderSettings,
): Pick<Provider, "renewal"> {
  if (renewalParameters === undefined) return {};
  return {
    renewal: {
      parameters: renewalParameters,
      ...(renewalWithin !== undefined && { within: renewalWithin }),
    },
  };
}

function errorOf([error, description]: [string, string]): LoginNeededError {
  return { error, ...(description !== "" && { description }) };
}

function namesOf<Name extends string>(
  names: Readonly<Record<Name, true>>,
): Name[];
function namesOf(names: Readonly<Record<string, true>>): string[] {
  return Object.keys(names);
}
