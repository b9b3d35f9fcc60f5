/** A stand-in on loopback that insists on what a broker's documentation asks for. */
import {
  type Authorization,
  authorize,
  type AuthorizeOptions,
  MemCache,
} from "../../mod.ts";
import { reservePort } from "../support.ts";

/** Parameters by name. */
export type Texts = Readonly<Record<string, string>>;

/** What a broker insists on. */
export interface Rules {
  /** Why it refuses a login. */
  readonly refuses?: (asked: Texts) => string | undefined;
  /** Why it refuses a request to the token endpoint or the API. */
  readonly refusesRequest?: (request: Request) => Response | undefined;
  /** Whether its secret must be in the body. */
  readonly secretInBody?: boolean;
  /** Whether a refresh token is good for one refresh. */
  readonly singleUse?: boolean;
  /** What the token answers have besides. */
  readonly answers?: () => Readonly<Record<string, unknown>>;
}

/** A broker that was started. */
export interface Broker extends AsyncDisposable {
  /** Its own origin, which is its API's too. */
  readonly origin: string;
  /** The parameters of each login. */
  readonly logins: Texts[];
  /** The parameters of each request to the token endpoint. */
  readonly grants: Texts[];
  /** All requests but the logins. */
  readonly requests: Request[];
  /** Its endpoints, as options of `authorize()`. */
  readonly endpoints: Readonly<
    Record<"authorizationEndpoint" | "tokenEndpoint", string>
  >;
}

/** Starts a broker; its first refresh token is `WEBSITE`. */
export function broker(rules: Rules): Broker {
  const logins: Texts[] = [];
  const grants: Texts[] = [];
  const requests: Request[] = [];
  let refreshToken = "WEBSITE";
  let number = 0;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const url = new URL(request.url);
      if (url.pathname === "/authorize") {
        const asked = Object.fromEntries(url.searchParams);
        logins.push(asked);
        const back = new URL(asked["redirect_uri"] ?? "");
        back.searchParams.set("state", asked["state"] ?? "");
        const error = rules.refuses?.(asked);
        back.searchParams.set(error ? "error" : "code", error ?? "CODE");
        return Response.redirect(back, 302);
      }
      requests.push(request);
      const refused = rules.refusesRequest?.(request);
      if (refused !== undefined) return refused;
      if (url.pathname !== "/token") return new Response("API");
      const sent = Object.fromEntries(
        new URLSearchParams(await request.text()),
      );
      grants.push(sent);
      const proven = sent["client_secret"] === "SECRET" &&
        !request.headers.has("authorization");
      if (rules.secretInBody && !proven) {
        return Response.json({ error: "invalid_client" }, { status: 401 });
      }
      const isRefresh = sent["grant_type"] === "refresh_token";
      if (isRefresh && sent["refresh_token"] !== refreshToken) {
        return new Response("Bad Request", { status: 400 });
      }
      if (!isRefresh || rules.singleUse) refreshToken = `REFRESH${++number}`;
      return Response.json({
        access_token: `ACCESS${++number}`,
        token_type: "Bearer",
        expires_in: 900,
        ...((!isRefresh || rules.singleUse) && { refresh_token: refreshToken }),
        ...rules.answers?.(),
      });
    },
  );
  const origin = `http://127.0.0.1:${server.addr.port}`;
  return {
    origin,
    logins,
    grants,
    requests,
    endpoints: {
      authorizationEndpoint: `${origin}/authorize`,
      tokenEndpoint: `${origin}/token`,
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Logs in as a script does whose user approves everything. */
export async function login(
  options: AuthorizeOptions,
): Promise<Authorization> {
  using reserved = reservePort();
  return await authorize({
    consumerKey: "KEY",
    consumerSecret: "SECRET",
    callbackUrl: `http://127.0.0.1:${reserved.port}`,
    configDir: "/nonexistent",
    cache: new MemCache(),
    loginTimeout: 20,
    log: () => {},
    openUrl: async (url) => void await (await fetch(url)).body?.cancel(),
    ...options,
  });
}
