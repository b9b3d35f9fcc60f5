/**
 * `@node-oauth/oauth2-server` from npm, in this process. It is a library: the
 * application around it, with its tables and its login form, is as short as its
 * documentation has it, and without metadata.
 */
import OAuth2Server from "@node-oauth/oauth2-server";
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { ENCODED } from "./clients.ts";
import { reservePort } from "../support.ts";
import { PASSWORD, USER } from "./log_in.ts";
import { closed, listening } from "./node_server.ts";
import type { RealServer, ServerKind, StartOptions } from "./real_server.ts";

/** How long an access token lives: so many seconds, which the answer states; without an end, as `expires_in: 0`; or not stated at all. */
export type Life = number | "for ever" | "unknown";

/** Options of {@linkcode startNodeOauth}. */
export interface NodeOauthOptions
  extends Omit<StartOptions, "accessTokenLife"> {
  /** How long an access token lives. */
  readonly accessTokenLife: Life;
}

/** `@node-oauth/oauth2-server`, which rotates. */
export const NODE_OAUTH: ServerKind = {
  name: "@node-oauth/oauth2-server",
  present: true,
  form: "html",
  reuse: "old one refused",
  revokes: false,
  proof: { accepted: "400 invalid_grant" },
  rejects: {
    raw: { id: ":", secret: "" },
    encoded: { id: ENCODED, secret: ENCODED },
  },
  // It registers none itself, and rejects an id or secret with these as invalid_request.
  refuses: "é€",
  start: startNodeOauth,
};

/** Starts the server. */
export async function startNodeOauth(
  { clients, callbackUrl, accessTokenLife }: NodeOauthOptions,
): Promise<RealServer> {
  const codes = new Map<string, OAuth2Server.AuthorizationCode>();
  const accessTokens = new Map<string, OAuth2Server.Token>();
  const refreshTokens = new Map<string, OAuth2Server.RefreshToken>();
  const refreshes: string[] = [];
  let rejected = 0;
  const forms = new Map<string, string>();

  const client = (id: string) => ({
    id,
    redirectUris: [callbackUrl],
    grants: ["authorization_code", "refresh_token"],
  });
  const taken = ({ id, secret }: { id: string; secret: string }) =>
    /^[\x20-\x7e]+$/.test(id + secret);
  const oauth = new OAuth2Server({
    model: {
      getClient(id: string, secret: string | null) {
        const found = clients.some((one) =>
          one.id === id && (secret === null || one.secret === secret)
        );
        return Promise.resolve(found && client(id));
      },
      saveAuthorizationCode(code, of, user) {
        const saved = { ...code, client: of, user };
        codes.set(code.authorizationCode, saved);
        return Promise.resolve(saved);
      },
      getAuthorizationCode: (code) => Promise.resolve(codes.get(code)),
      revokeAuthorizationCode: ({ authorizationCode }) =>
        Promise.resolve(codes.delete(authorizationCode)),
      saveToken(token, of, user) {
        const { accessTokenExpiresAt, ...rest } = token;
        const saved: OAuth2Server.Token = {
          ...rest,
          ...(typeof accessTokenLife === "number" && accessTokenExpiresAt &&
            { accessTokenExpiresAt }),
          client: of,
          user,
        };
        const { refreshToken } = token;
        accessTokens.set(token.accessToken, saved);
        if (refreshToken !== undefined) {
          refreshTokens.set(refreshToken, { ...saved, refreshToken });
        }
        return Promise.resolve(saved);
      },
      getAccessToken: (token) => Promise.resolve(accessTokens.get(token)),
      getRefreshToken: (token) => Promise.resolve(refreshTokens.get(token)),
      revokeToken(token) {
        refreshes.push(token.client.id);
        return Promise.resolve(refreshTokens.delete(token.refreshToken ?? ""));
      },
      validateScope: (_user, _client, scope) => Promise.resolve(scope ?? []),
    },
    ...(typeof accessTokenLife === "number" &&
      { accessTokenLifetime: accessTokenLife }),
  });

  const port = reservePort();
  const origin = `http://127.0.0.1:${port.port}`;

  async function authorize(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? "", origin);
    const body = await form(request);
    if (body.get("username") !== USER || body.get("password") !== PASSWORD) {
      const ticket = crypto.randomUUID();
      forms.set(ticket, url.search);
      response.writeHead(200, { "content-type": "text/html" }).end(
        `<form method="post" action="/authorize?ticket=${ticket}">
          <input name="username"><input type="password" name="password">
          <button name="agree" value="yes">Log in and agree</button>
        </form>`,
      );
      return;
    }
    const query = forms.get(url.searchParams.get("ticket") ?? "") ?? "";
    const answer = new OAuth2Server.Response({ headers: {} });
    await oauth.authorize(
      new OAuth2Server.Request({
        method: "GET",
        headers: {},
        query: Object.fromEntries(new URLSearchParams(query)),
      }),
      answer,
      { authenticateHandler: { handle: () => ({ id: USER }) } },
    );
    response.writeHead(answer.status ?? 500, answer.headers).end();
  }

  async function token(request: IncomingMessage, response: ServerResponse) {
    const answer = new OAuth2Server.Response({ headers: {} });
    await oauth.token(
      new OAuth2Server.Request({
        method: request.method ?? "",
        headers: headers(request),
        query: {},
        body: Object.fromEntries(await form(request)),
      }),
      answer,
    ).catch(() => void rejected++);
    const body = accessTokenLife === "for ever" && answer.status === 200
      ? { ...answer.body, expires_in: 0 }
      : answer.body;
    response.writeHead(answer.status ?? 500, {
      ...answer.headers,
      "content-type": "application/json",
    }).end(JSON.stringify(body));
  }

  const server = await listening(
    createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "", origin);
      const fail = (error: unknown) => {
        response.writeHead(500).end(String(error));
      };
      if (pathname === "/authorize") authorize(request, response).catch(fail);
      else if (pathname === "/token") token(request, response).catch(fail);
      else response.writeHead(404).end();
    }),
    port.port,
  );

  return {
    settings: {
      TD_PROVIDER: "node-oauth",
      TD_AUTHORIZATION_ENDPOINT: `${origin}/authorize`,
      TD_TOKEN_ENDPOINT: `${origin}/token`,
    },
    tokenEndpoint: `${origin}/token`,
    refused: clients.filter((one) => !taken(one)).map(({ id }) => id),
    records: ({ id }) =>
      Promise.resolve({
        refreshed: refreshes.filter((of) => of === id).length,
        live: [...refreshTokens.values()].filter(({ client }) =>
          client.id === id
        ).length,
      }),
    rejected: () => Promise.resolve(rejected),
    async accepts(accessToken) {
      const asked = new OAuth2Server.Request({
        method: "GET",
        headers: { authorization: `Bearer ${accessToken}` },
        query: {},
      });
      return await oauth.authenticate(
        asked,
        new OAuth2Server.Response({ headers: {} }),
      ).then(() => true, () => false);
    },
    endLogins({ id }) {
      for (const [token, { client }] of refreshTokens) {
        if (client.id === id) refreshTokens.delete(token);
      }
      return Promise.resolve();
    },
    async [Symbol.asyncDispose]() {
      await closed(server);
      port[Symbol.dispose]();
    },
  };
}

async function form(request: IncomingMessage): Promise<URLSearchParams> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return new URLSearchParams(text);
}

function headers(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      String(value),
    ]),
  );
}
