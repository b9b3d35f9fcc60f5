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

/** The URLs that requests go to: credentials in them would be sent in place of the app's. */
const ENDPOINTS = [
  "authorizationEndpoint",
  "tokenEndpoint",
  "revocationEndpoint",
  "deviceAuthorizationEndpoint",
  "apiOrigin",
] as const satisfies readonly (keyof Provider)[];

/**
 * Checks the numbers of a provider that is given as an object. One with
 * `within: null`, which is what JSON makes of `Infinity`, would never ask for a
 * new refresh token, and say nothing of it.
 *
 * @param provider The provider.
 * @throws {TdauthError} `invalid_options` when a number is none, endless or negative,
 * a URL has a user name or a password, or the `User-Agent` cannot be sent.
 */
export function checkProvider(provider: Provider): void {
  const { accessTokenLifetime, refreshTokenLifetime, renewal } = provider;
  const values: Readonly<Record<NumberName, unknown>> = {
    accessTokenLifetime,
    refreshTokenLifetime,
    "renewal.within": renewal?.within,
  };
  checkUserAgent(provider);
  for (const name of ENDPOINTS) {
    const text = provider[name];
    if (text === undefined || !URL.canParse(text)) continue;
    const { username, password } = new URL(text);
    if (username + password === "") continue;
    throw new TdauthError(
      "invalid_options",
      `Cannot use this provider: its ${name} has a user name or a password`,
      {
        hint:
          "remove the part before the @; the app's secret is consumerSecret",
      },
    );
  }
  const wrong = invalidNumber(values);
  if (wrong === undefined) return;
  throw new TdauthError(
    "invalid_options",
    `Cannot use this provider: its ${wrong.name} is ${wrong.is}`,
    { hint: `set it in seconds, or omit it ${LEFT_OUT[wrong.name]}` },
  );
}

/**
 * Checks a `User-Agent`.
 *
 * @param options What has it.
 * @throws {TdauthError} `invalid_options` when it cannot be sent.
 */
export function checkUserAgent(
  { userAgent }: Pick<Provider, "userAgent">,
): void {
  if (userAgent !== undefined && !/^[!-~]([ -~]*[!-~])?$/.test(userAgent)) {
    throw new TdauthError(
      "invalid_options",
      "Cannot use this provider: its userAgent is not printable ASCII",
      { hint: "use one such as my-app/1.0" },
    );
  }
}
