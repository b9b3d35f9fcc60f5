/** Servers on loopback that deviate as the providers of docs/providers.md do: data, and one small server for all. */

type Texts = Readonly<Record<string, string>>;

/** How a provider deviates. */
export interface Deviation {
  /** Its heading in docs/providers.md. */
  readonly name: string;
  /** Where the documents' commands find it. */
  readonly at: string;
  /** Its metadata, by its origin; none where it has none. */
  readonly metadata?: (origin: string) => Record<string, unknown>;
  /** Whether its apps have a secret, and where it must be. */
  readonly secret?: "body" | "either";
  /** Why it refuses a login, if it does. */
  readonly refuses: (asked: Texts) => string | undefined;
  /** Whether a login gets a refresh token. */
  readonly refreshable: (asked: Texts) => boolean;
  /** Why it refuses a refresh, if it does. */
  readonly refusesRefresh?: (sent: Texts) => string | undefined;
  /** What its token answers have besides. */
  readonly answers?: Readonly<Record<string, unknown>>;
  /** Whether each refresh replaces the refresh token. */
  readonly rotates?: boolean;
}

const offline = ({ scope = "" }: Texts) =>
  scope.split(" ").includes("offline_access");
const withPkce = (asked: Texts) =>
  asked["code_challenge_method"] === "S256" ? undefined : "invalid_request";

/** Each of them; `https://…` in a command becomes the stand-in's origin. */
export const DEVIATIONS: readonly Deviation[] = [
  {
    name: "Google",
    at: "https://accounts.google.com",
    metadata: (origin) => ({
      issuer: origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      scopes_supported: ["openid", "email", "profile"],
      token_endpoint_auth_methods_supported: [
        "client_secret_post",
        "client_secret_basic",
      ],
      code_challenge_methods_supported: ["plain", "S256"],
    }),
    secret: "either",
    refuses: (asked) => offline(asked) ? "invalid_scope" : undefined,
    refreshable: ({ access_type, prompt }) =>
      access_type === "offline" && prompt === "consent",
  },
  {
    name: "Microsoft Entra",
    at: "https://login.microsoftonline.com",
    metadata: (origin) => ({
      issuer: `${origin}/{tenantid}/v2.0`,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      scopes_supported: ["openid", "profile", "email", "offline_access"],
      token_endpoint_auth_methods_supported: [
        "client_secret_post",
        "private_key_jwt",
        "client_secret_basic",
      ],
    }),
    // A public client needs PKCE, which the metadata do not announce.
    refuses: (asked) =>
      asked["prompt"] === "consent" ? "consent_required" : withPkce(asked),
    refreshable: offline,
    refusesRefresh: ({ scope = "" }) =>
      scope === "" ? "invalid_request" : undefined,
    rotates: true,
    answers: { ext_expires_in: 3600 },
  },
  {
    name: "Auth0",
    at: "https://TENANT.us.auth0.com",
    metadata: (origin) => ({
      issuer: `${origin}/`,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      scopes_supported: ["openid", "profile", "offline_access"],
    }),
    refuses: ({ audience }) =>
      audience === "https://api.example.com" ? undefined : "access_denied",
    refreshable: offline,
    rotates: true,
  },
  {
    name: "Keycloak",
    at: "https://id.example.com",
    metadata: (origin) => ({
      issuer: `${origin}/realms/main`,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      response_modes_supported: ["query", "fragment", "form_post"],
      scopes_supported: ["openid", "offline_access"],
      code_challenge_methods_supported: ["plain", "S256"],
    }),
    refuses: withPkce,
    refreshable: offline,
    answers: {
      expires_in: 60,
      refresh_expires_in: 0,
      "not-before-policy": 0,
      session_state: "6f1c",
    },
  },
  {
    name: "Okta",
    at: "https://DOMAIN.okta.com",
    metadata: (origin) => ({
      issuer: `${origin}/oauth2/default`,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      response_modes_supported: ["query", "fragment", "form_post"],
      scopes_supported: ["openid", "offline_access"],
      code_challenge_methods_supported: ["S256"],
    }),
    refuses: withPkce,
    refreshable: offline,
    rotates: true,
  },
  {
    name: "GitHub",
    at: "https://github.com",
    secret: "body",
    refuses: () => undefined,
    refreshable: () => true,
    rotates: true,
    answers: {
      expires_in: 28_800,
      refresh_token_expires_in: 15_811_200,
      scope: "",
      token_type: "bearer",
    },
  },
];

/** A running stand-in. */
export interface StandIn extends AsyncDisposable {
  readonly origin: string;
  /** What each login asked for. */
  readonly logins: readonly Texts[];
  /** What each token request sent. */
  readonly grants: readonly Texts[];
}

/** Starts the stand-in of a provider. */
export function standIn(deviation: Deviation): StandIn {
  const logins: Texts[] = [];
  const grants: Texts[] = [];
  const codes = new Map<string, Texts>();
  let valid = "";
  let number = 0;

  const authorize = (url: URL): Response => {
    const asked = Object.fromEntries(url.searchParams);
    logins.push(asked);
    const redirect = new URL(asked["redirect_uri"] ?? "");
    redirect.searchParams.set("state", asked["state"] ?? "");
    const error = deviation.refuses(asked);
    if (error === undefined) {
      const code = `CODE${++number}`;
      codes.set(code, asked);
      redirect.searchParams.set("code", code);
    } else redirect.searchParams.set("error", error);
    return new Response(null, {
      status: 302,
      headers: { location: redirect.href },
    });
  };

  const token = async (request: Request): Promise<Response> => {
    const sent = Object.fromEntries(new URLSearchParams(await request.text()));
    grants.push(sent);
    const failed = (error: string) =>
      Response.json({ error }, { status: deviation.metadata ? 400 : 200 });
    const basic = request.headers.get("authorization")?.replace("Basic ", "");
    const proven = sent["client_secret"] === "SECRET" ||
      (deviation.secret === "either" &&
        decodeURIComponent(atob(basic ?? "")) === "CLIENT_ID:SECRET");
    if (deviation.secret !== undefined && !proven) {
      return failed("invalid_client");
    }
    const code = codes.get(sent["code"] ?? "");
    codes.delete(sent["code"] ?? "");
    const isLogin = sent["grant_type"] === "authorization_code";
    if (isLogin && (code === undefined || !await hasVerifier(code, sent))) {
      return failed("invalid_grant");
    }
    if (!isLogin) {
      if (valid === "" || sent["refresh_token"] !== valid) {
        return failed("invalid_grant");
      }
      const error = deviation.refusesRefresh?.(sent);
      if (error !== undefined) return failed(error);
    }
    const replaced = isLogin
      ? deviation.refreshable(code ?? {})
      : deviation.rotates;
    if (replaced) valid = `REFRESH${++number}`;
    return Response.json({
      access_token: `ACCESS${++number}`,
      token_type: "Bearer",
      expires_in: 3600,
      ...(replaced && { refresh_token: valid }),
      ...(code?.["nonce"] !== undefined && {
        id_token: idToken(deviation, request, code["nonce"]),
      }),
      ...deviation.answers,
    });
  };

  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen() {},
  }, (request) => {
    const url = new URL(request.url);
    const { metadata } = deviation;
    if (metadata !== undefined) {
      const known = metadata(url.origin);
      const issuer = new URL(`${known["issuer"]}`).pathname
        .replace("%7Btenantid%7D", "common").replace(/\/$/, "");
      if (url.pathname === `${issuer}/.well-known/openid-configuration`) {
        return Response.json(known);
      }
    }
    if (url.pathname.endsWith("/authorize")) return authorize(url);
    if (/\/(token|access_token)$/.test(url.pathname)) return token(request);
    return new Response("<!DOCTYPE html>", { status: 404 });
  });
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    logins,
    grants,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Makes the id_token of a login; a shared issuer names the user's own tenant. */
function idToken(
  { metadata }: Deviation,
  { url }: Request,
  nonce: string,
): string {
  const issuer = `${metadata?.(new URL(url).origin)["issuer"]}`;
  const time = Math.floor(Date.now() / 1000);
  const claims = {
    iss: issuer.replace("{tenantid}", "1f4c-22"),
    sub: "USER",
    aud: "CLIENT_ID",
    iat: time,
    exp: time + 300,
    nonce,
  };
  return `e30.${btoa(JSON.stringify(claims))}.x`;
}

/** Whether a code's verifier fits its challenge, where it has one (RFC 7636 §4.6). */
async function hasVerifier(asked: Texts, sent: Texts): Promise<boolean> {
  if (asked["code_challenge"] === undefined) return true;
  const bytes = new TextEncoder().encode(sent["code_verifier"] ?? "");
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  const challenge = btoa(String.fromCharCode(...new Uint8Array(hash)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return challenge === asked["code_challenge"];
}
