/** oidc-provider, a certified authorization server that is not ours, on loopback. */
import "./quiet.ts";
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import Provider, { errors } from "oidc-provider";
import { reservePort } from "../support.ts";

/** RFC 8628 §3.4. */
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/** How the server behaves. */
export interface ServerOptions {
  /** The one client's id. @default "app" */
  readonly clientId?: string;
  /** Its secret. @default none */
  readonly clientSecret?: string;
  /** How it must prove who it is. @default "none", with a secret "client_secret_basic" */
  readonly clientAuthentication?: "client_secret_basic" | "client_secret_post";
  /** Its callback URL. */
  readonly callbackUrl: string;
  /** The issuer's path. @default none */
  readonly path?: string;
  /** Where the metadata is. @default "openid-configuration" */
  readonly wellKnown?: "openid-configuration" | "oauth-authorization-server";
  /** What the metadata says otherwise. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Whether access tokens are JWTs, which this server cannot revoke. @default false */
  readonly jwt?: boolean;
  /** The device flow; `registered` is whether the client may use it. @default none */
  readonly device?: {
    /** What the answer says of the time between two polls, in seconds; this server says nothing of it by itself. */
    readonly interval?: number;
    /** How long a code lives, in seconds. @default 600 */
    readonly lifetime?: number;
    /** @default true */
    readonly registered?: boolean;
  };
}

/** A request that came. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  /** The scheme and the value of `Authorization`. */
  readonly authorization: string | undefined;
  /** What was asked, once the server has read it. */
  parameters: Readonly<Record<string, unknown>>;
  /** What was answered. */
  answer: unknown;
}

/** The running server. */
export interface AuthorizationServer extends AsyncDisposable {
  readonly issuer: string;
  readonly requests: readonly SeenRequest[];
  /** Requests to the token endpoint for one grant type. */
  grants(type: "authorization_code" | "refresh_token"): SeenRequest[];
  /** What the polls for a device code were answered: an error, or `tokens`. */
  readonly polls: readonly string[];
  /** Answers the next polls with the server's own `slow_down`, which it never sends by itself. */
  slowDown(times: number): void;
  /** Grants that the server has revoked, with all their tokens. */
  readonly revoked: readonly string[];
  /** Takes back an access token, as an administrator would. */
  destroyAccessToken(token: string): Promise<void>;
  /** Asks for a refresh as the client would, and gives the status. */
  tryRefresh(token: string): Promise<number>;
  /** Holds back the answers to refreshes for so many milliseconds, after the work is done. */
  holdRefreshes(milliseconds: number): void;
  /** Ends it. */
  close(): Promise<void>;
}

/** What of oidc-provider is used; it has no types of its own. */
interface Oidc {
  callback(): (request: IncomingMessage, response: ServerResponse) => void;
  on(event: "grant.revoked", hear: (ctx: unknown, id: string) => void): void;
  use(middleware: (ctx: Ctx, next: () => Promise<void>) => Promise<void>): void;
  readonly AccessToken: {
    find(token: string): Promise<{ destroy(): Promise<void> } | undefined>;
  };
}
interface Ctx {
  readonly method: string;
  readonly path: string;
  readonly headers: { readonly authorization?: string };
  readonly oidc?: { readonly params?: Readonly<Record<string, unknown>> };
  readonly body: unknown;
}

/** Starts the server. */
export async function startAuthorizationServer(
  options: ServerOptions,
): Promise<AuthorizationServer> {
  const { clientId = "app", clientSecret, path = "" } = options;
  const reserved = reservePort();
  const origin = `http://127.0.0.1:${reserved.port}`;
  const issuer = origin + path;
  const way = options.clientAuthentication ??
    (clientSecret === undefined ? "none" : "client_secret_basic");
  const oidc = new Provider(issuer, {
    clients: [{
      client_id: clientId,
      ...(clientSecret !== undefined && { client_secret: clientSecret }),
      token_endpoint_auth_method: way,
      redirect_uris: [options.callbackUrl],
      grant_types: [
        "authorization_code",
        "refresh_token",
        ...(options.device !== undefined && options.device.registered !== false
          ? [DEVICE_GRANT]
          : []),
      ],
      response_types: ["code"],
    }],
    clientAuthMethods: [way],
    cookies: { keys: ["a test's"] },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: {
      AccessToken: 3600,
      RefreshToken: 86_400,
      DeviceCode: options.device?.lifetime ?? 600,
    },
    features: {
      revocation: { enabled: true },
      deviceFlow: { enabled: options.device !== undefined },
      ...(options.jwt && { resourceIndicators: jwtTokens(origin) }),
    },
  }) as unknown as Oidc;

  let held = 0;
  let slow = 0;
  const requests: SeenRequest[] = [];
  const revoked: string[] = [];
  oidc.on("grant.revoked", (_ctx, id) => void revoked.push(id));
  oidc.use(async (ctx, next) => {
    const seen: SeenRequest = {
      method: ctx.method,
      path: ctx.path,
      authorization: ctx.headers.authorization,
      parameters: {},
      answer: undefined,
    };
    requests.push(seen);
    await next();
    seen.parameters = { ...ctx.oidc?.params };
    if (slow > 0 && seen.parameters["grant_type"] === DEVICE_GRANT) {
      slow--;
      const { error, error_description } = new errors.SlowDown();
      (ctx as { body: unknown }).body = { error, error_description };
    }
    if (ctx.path === "/device/auth" && options.device?.interval !== undefined) {
      Object.assign(ctx.body as object, { interval: options.device.interval });
    }
    seen.answer = ctx.body;
    if (held > 0 && seen.parameters["grant_type"] === "refresh_token") {
      await new Promise((resolve) => setTimeout(resolve, held));
    }
    if (ctx.path.startsWith("/.well-known/") && options.metadata) {
      (ctx as { body: unknown }).body = {
        ...ctx.body as Record<string, unknown>,
        ...options.metadata,
      };
    }
  });

  const { wellKnown = "openid-configuration" } = options;
  // RFC 8414 §3.1 puts the issuer's path behind the well-known one, OpenID Connect before it.
  const metadataAt = wellKnown === "openid-configuration"
    ? `${path}/.well-known/${wellKnown}`
    : `/.well-known/${wellKnown}${path}`;
  const handle = oidc.callback();
  const server = createServer((request, response) => {
    const asked = request.url ?? "/";
    if (asked === metadataAt) {
      request.url = `${path}/.well-known/${wellKnown}`;
    } else if (asked.includes("/.well-known/")) {
      response.writeHead(404).end();
      return;
    }
    // As a server mounted under a path sees it.
    Object.assign(request, { originalUrl: request.url });
    request.url = request.url?.slice(path.length) || "/";
    handle(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(reserved.port, "127.0.0.1", resolve);
  });

  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    issuer,
    requests,
    revoked,
    grants: (type) =>
      requests.filter(({ path, parameters }) =>
        path === "/token" && parameters["grant_type"] === type
      ),
    get polls() {
      return requests.filter(({ parameters }) =>
        parameters["grant_type"] === DEVICE_GRANT
      ).map(({ answer }) =>
        String((answer as { error?: string } | undefined)?.error ?? "tokens")
      );
    },
    slowDown: (times) => void (slow = times),
    async destroyAccessToken(token) {
      await (await oidc.AccessToken.find(token))?.destroy();
    },
    async tryRefresh(token) {
      const response = await fetch(`${issuer}/token`, {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "refresh_token",
          refresh_token: token,
          client_id: clientId,
        }),
      });
      await response.body?.cancel();
      return response.status;
    },
    holdRefreshes: (milliseconds) => void (held = milliseconds),
    close,
    async [Symbol.asyncDispose]() {
      await close();
      reserved[Symbol.dispose]();
    },
  };
}

function jwtTokens(origin: string): Record<string, unknown> {
  return {
    enabled: true,
    defaultResource: () => origin,
    useGrantedResource: () => true,
    getResourceServerInfo: () => ({
      scope: "",
      accessTokenFormat: "jwt",
      jwt: { sign: { alg: "RS256" } },
    }),
  };
}
