import { TdauthError } from "../base/errors.ts";
import type { Provider } from "./provider.ts";
import { invalidNumber } from "../base/invalid_number.ts";

/** The names of a type's fields that are numbers. */
type NumberOf<T> = {
  [K in keyof T]-?: NonNullable<T[K]> extends number ? K & string : never;
}[keyof T];

type NumberName =
  | NumberOf<Provider>
  | `renewal.${NumberOf<NonNullable<Provider["renewal"]>>}`;

/** When each number is left out. The type wants every number that a provider has. */
const LEFT_OUT: Readonly<Record<NumberName, string>> = {
  accessTokenLifetime: "for 300",
  refreshTokenLifetime: "if it is unknown",
  "renewal.within": "to request a new refresh token on every refresh",
};

/**
 * The parameters that the protocol itself sends, with what sets them instead: a
 * `state` or a `code_challenge` that is always the same protects nothing.
 */
const PROTOCOLS: Readonly<
  Record<
    "authorizationParameters" | "exchangeParameters" | "refreshParameters",
    Readonly<Record<string, string | undefined>>
  >
> = {
  authorizationParameters: {
    response_type: undefined,
    response_mode: "responseMode",
    client_id: "consumerKey",
    redirect_uri: "callbackUrl",
    scope: "scope",
    state: undefined,
    nonce: undefined,
    code_challenge: "pkce",
    code_challenge_method: "pkce",
  },
  exchangeParameters: {
    grant_type: undefined,
    code: undefined,
    redirect_uri: "callbackUrl",
    client_id: "consumerKey",
    client_secret: "clientAuthentication",
    code_verifier: "pkce",
  },
  refreshParameters: {
    grant_type: undefined,
    refresh_token: undefined,
    client_id: "consumerKey",
    client_secret: "clientAuthentication",
  },
};

/**
 * Checks a provider that is an object of the caller's own or was changed by
 * settings: its numbers and its parameters. One with `within: null`, which is what
 * JSON makes of `Infinity`, would never ask for a new refresh token, and say
 * nothing of it.
 *
 * @param provider The provider.
 * @throws {TdauthError} `invalid_options` when a number is none, endless or negative,
 * or a parameter is the protocol's own.
 */
export function checkProvider(provider: Provider): void {
  checkParameters(provider);
  const { accessTokenLifetime, refreshTokenLifetime, renewal } = provider;
  const values: Readonly<Record<NumberName, unknown>> = {
    accessTokenLifetime,
    refreshTokenLifetime,
    "renewal.within": renewal?.within,
  };
  const wrong = invalidNumber(values);
  if (wrong === undefined) return;
  throw new TdauthError(
    "invalid_options",
    `Cannot use this provider: its ${wrong.name} is ${wrong.is}`,
    { hint: `set it in seconds, or omit it ${LEFT_OUT[wrong.name]}` },
  );
}

function checkParameters(provider: Provider): void {
  const { authorizationParameters, exchangeParameters, refreshParameters } =
    provider;
  const given = {
    authorizationParameters,
    exchangeParameters,
    refreshParameters,
  };
  for (const [field, own] of Object.entries(PROTOCOLS)) {
    const parameters = new Map(Object.entries(given)).get(field);
    const name = Object.keys(parameters ?? {}).find((name) =>
      Object.hasOwn(own, name)
    );
    if (name === undefined) continue;
    const instead = own[name];
    throw new TdauthError(
      "invalid_options",
      `Cannot use this provider: its ${field} set ${name}, which the protocol sets`,
      {
        hint: instead === undefined
          ? `remove ${name}`
          : `remove ${name}, and set ${instead}`,
      },
    );
  }
}
