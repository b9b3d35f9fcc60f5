import { apiUrl } from "./api_url.ts";
import type { LogoutOutcome, LogoutResult } from "./logout.ts";
import type { Provider } from "../providers/provider.ts";
import { isTransient, TdauthError } from "../base/errors.ts";
import { leastValid } from "../token/held_token.ts";
import type { Claims } from "../token/claims.ts";
import {
  type AccessToken,
  noTokens,
  type RefreshToken,
  type Tokens,
} from "../token/token.ts";

/** What an {@linkcode Authorization} needs of the context. */
export interface AuthorizationContext {
  /** An access token with less than this many seconds left is refreshed; if unset, its life decides. */
  readonly minValid?: number;
  /** The `fetch` to use. */
  readonly fetch: typeof fetch;
  /** The provider, whose API's origin is the only one that tokens are sent to. */
  readonly provider: { readonly get: () => Promise<Provider> };
}

/**
 * Whether stored tokens will do; `isNew` when another caller stored them while
 * this one waited for its own turn to get some.
 */
export type IsAcceptable = (tokens: Tokens, isNew?: boolean) => boolean;

/** How an {@linkcode Authorization} gets its tokens, and ends. */
export interface AuthorizationWork {
  /** Gets a new access token, without a login; `isAcceptable` decides which stored tokens will do. */
  readonly refresh: (isAcceptable: IsAcceptable) => Promise<Tokens>;
  /** Revokes what can be revoked and empties the cache. */
  readonly logout: () => Promise<LogoutOutcome>;
}

/**
 * Returns what decides whether an access token can be used as it is. One that
 * another caller has just got is as good as they get.
 *
 * @param minValid How many seconds must be left of it; if unset, its life decides.
 * @returns The check.
 */
export function isFresh(minValid: number | undefined): IsAcceptable {
  return ({ accessToken: { valid, remaining, expiresIn } }, isNew = false) =>
    isNew ? valid : remaining > leastValid(expiresIn, minValid);
}

/**
 * Whether an access token that is to be replaced can be used until it ends: the
 * broker cannot be asked for another for now, or there is no refresh token to ask with.
 *
 * @param tokens The tokens.
 * @param error Why it could not be replaced.
 * @returns Whether it is valid, and nothing but a login brings another.
 */
export function stillUsable(
  { accessToken, refreshToken }: Tokens,
  error: unknown,
): boolean {
  return accessToken.valid &&
    (isTransient(error) || refreshToken.token === undefined &&
        error instanceof TdauthError && error.code === "login_needed");
}

/**
 * A user's authorization: the tokens, and requests that carry them. It is what
 * {@linkcode authorize} returns. Inspecting or serializing it shows no secret.
 */
export class Authorization {
  readonly #context: AuthorizationContext;
  readonly #work: AuthorizationWork;
  #tokens: Tokens;

  /**
   * Puts an authorization together; `authorize()` does it for you.
   *
   * @param context The settings, the app and the edges.
   * @param tokens The tokens to start with.
   * @param work How it gets others, and ends.
   * @internal
   */
  constructor(
    context: AuthorizationContext,
    tokens: Tokens,
    work: AuthorizationWork,
  ) {
    this.#context = context;
    this.#tokens = tokens;
    this.#work = work;
  }

  /** The access token as last seen; {@linkcode Authorization.token} refreshes it when need be. */
  get accessToken(): AccessToken {
    return this.#tokens.accessToken;
  }

  /** The refresh token as last seen. */
  get refreshToken(): RefreshToken {
    return this.#tokens.refreshToken;
  }

  /** When the user last logged in, in seconds since the epoch, where known. */
  get loginTime(): number | undefined {
    return this.#tokens.loginTime;
  }

  /** The granted scope, if the broker states it. */
  get scope(): string | undefined {
    return this.#tokens.scope;
  }

  /**
   * Who is logged in, as the provider said in an id_token (OpenID Connect Core
   * §2) when it issued the tokens; `undefined` where it did not, and for imported
   * tokens. It takes a scope with `openid`.
   *
   * Tell users apart by `iss` and `sub` together, which stay the same; an email
   * address can be changed, and be someone else's later.
   *
   * @example Greet the user
   * ```ts
   * import { authorize, MemCache, TdauthError } from "@tdauth/tdauth";
   *
   * try {
   *   const { claims } = await authorize({
   *     provider: "tradestation",
   *     consumerKey: "KEY",
   *     consumerSecret: "SECRET",
   *     cache: new MemCache(),
   *     interactive: false,
   *   });
   *   if (claims !== undefined) console.log(`Hello, ${claims["name"] ?? claims.sub}`);
   * } catch (error) {
   *   if (!(error instanceof TdauthError)) throw error; // no one has logged in yet
   * }
   * ```
   */
  get claims(): Claims | undefined {
    return this.#tokens.claims;
  }

  /**
   * Gives an access token that is valid now, refreshed when need be or taken from
   * the cache when another program refreshed it.
   *
   * @returns The token's value.
   * @throws {TdauthError} `login_needed`, `broker_unavailable` and the like when there is none to be had.
   */
  async token(): Promise<string> {
    const isAcceptable = isFresh(this.#context.minValid);
    if (!isAcceptable(this.#tokens)) {
      try {
        this.#tokens = await this.#work.refresh(isAcceptable);
      } catch (error) {
        if (!stillUsable(this.#tokens, error)) throw error;
      }
    }
    return String(this.accessToken);
  }

  /**
   * Gets a new access token now, even when the present one is valid. Of all that
   * ask for another token than the same rejected one, only one refreshes.
   *
   * @param rejected The token that the API rejected. @default {the present one}
   * @returns The new token.
   * @throws {TdauthError} `login_needed` when the broker rejects the refresh token;
   * `broker_unavailable` and the like when it cannot be reached. The stored tokens are then unchanged.
   */
  async refresh(rejected?: string): Promise<AccessToken> {
    await this.#replace(rejected ?? this.accessToken.token);
    return this.accessToken;
  }

  /**
   * Sends a request to the broker's API with the access token. The token is
   * refreshed beforehand when it is about to expire, and once more when the
   * answer is 401, unless another request has brought a new one since this one
   * was sent; that answer is given where a login is needed. Redirects are not followed: the answer that asks for one is returned.
   *
   * @param input A URL of the provider's API origin, a path on it, or a `Request`.
   * @param init As for the global `fetch`.
   * @returns The answer.
   * @throws {TdauthError} `forbidden_origin` when the URL is of another origin; `invalid_options` when it has a user name or a password;
   * `login_needed` and the like when there is no token to be had; `broker_unavailable`
   * and `busy` also when the API refused a token and no new one could be had for now.
   * @throws {TypeError} When the API cannot be reached, as from the global `fetch`.
   */
  async fetch(
    input: string | URL | Request,
    init?: RequestInit,
  ): Promise<Response> {
    const provider = await this.#context.provider.get();
    // An API whose origin comes with the tokens may not be known before.
    if (provider.apiOrigin === undefined && provider.apiOriginFrom) {
      await this.token();
    }
    const request = this.#request(provider, input, init);
    const retry = request.clone(); // a body can be read once
    const sent = await this.token();
    const response = await this.#send(request, sent);
    if (response.status !== 401) {
      await retry.body?.cancel();
      return response;
    }
    try {
      await this.#replace(sent);
    } catch (error) {
      await retry.body?.cancel();
      if (!isTransient(error)) return response; // the API's own words say more than ours
      await response.body?.cancel();
      throw error; // a 401 would read as the end of the login
    }
    await response.body?.cancel();
    const url = this.#url(provider, input);
    // The new token may have come with another origin.
    const again = url.origin === new URL(retry.url).origin
      ? retry
      : new Request(url, retry);
    return this.#send(again, await this.token());
  }

  /**
   * Ends the authorization: revokes the tokens where the broker can, and empties
   * the cache even when that fails.
   *
   * @returns Whether the broker revoked the tokens, and until when those stay
   * valid that it did not revoke. Many brokers have no way to: Charles Schwab is one.
   * @throws {TdauthError} When the tokens could not be revoked; the cache is empty all the same.
   */
  async logout(): Promise<LogoutResult> {
    try {
      const { error, ...result } = await this.#work.logout();
      if (error !== undefined) throw error;
      return result;
    } finally {
      this.#tokens = noTokens();
    }
  }

  /** What `JSON.stringify` shows: times, no tokens. */
  toJSON(): Record<string, unknown> {
    const { accessToken, refreshToken, loginTime, scope } = this;
    return { accessToken, refreshToken, loginTime, scope };
  }

  #request(
    provider: Provider,
    input: string | URL | Request,
    init?: RequestInit,
  ): Request {
    const url = this.#url(provider, input);
    return new Request(input instanceof Request ? input : url, {
      ...init,
      redirect: "manual",
    });
  }

  #url(provider: Provider, input: string | URL | Request): URL {
    return apiUrl(provider, this.#tokens.apiOrigin, input);
  }

  /**
   * Gets another access token than one that was refused: what is here or in the
   * cache by now, else a new one. Of requests whose 401s come one after another
   * only the first so causes a refresh.
   */
  async #replace(refused: string | undefined): Promise<void> {
    const { minValid } = this.#context;
    // One that lives no longer than that is as good as they get.
    const isOther: IsAcceptable = ({ accessToken }, isNew = false) => {
      const { token, valid, remaining, expiresIn } = accessToken;
      const least = Math.min(leastValid(expiresIn, minValid), expiresIn / 2);
      return token !== refused && (isNew ? valid : remaining > least);
    };
    if (isOther(this.#tokens)) return;
    this.#tokens = await this.#work.refresh(isOther);
  }

  async #send(request: Request, token: string): Promise<Response> {
    const { fetch, provider } = this.#context;
    const { userAgent } = await provider.get();
    const headers = new Headers(request.headers);
    if (userAgent !== undefined && !headers.has("user-agent")) {
      headers.set("user-agent", userAgent);
    }
    headers.set("authorization", `Bearer ${token}`);
    return await fetch(new Request(request, { headers }));
  }
}
