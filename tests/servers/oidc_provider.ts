/** oidc-provider from npm, in this process. */
import "../interop/quiet.ts";
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import Provider from "oidc-provider";
import { reservePort } from "../support.ts";
import { closed, listening } from "./node_server.ts";
import type { ServerKind } from "./real_server.ts";

/** What of oidc-provider is used; it has no types of its own. */
interface Oidc {
  callback(): (request: IncomingMessage, response: ServerResponse) => void;
  on(
    event: "grant.success",
    hear: (ctx: {
      readonly oidc: {
        readonly client: { readonly clientId: string };
        readonly params: { readonly grant_type: string };
      };
    }) => void,
  ): void;
  on(event: "grant.error", hear: () => void): void;
  on(event: "refresh_token.saved", hear: (token: Stored) => void): void;
  on(
    event: "refresh_token.consumed" | "refresh_token.destroyed",
    hear: (token: Stored) => void,
  ): void;
  on(event: "grant.revoked", hear: (ctx: unknown, id: string) => void): void;
  readonly Client: { find(id: string): Promise<unknown> };
  readonly AccessToken: { find(token: string): Promise<unknown> };
  readonly Grant: {
    find(id: string): Promise<{ destroy(): Promise<void> } | undefined>;
  };
  readonly RefreshToken: { revokeByGrantId(id: string): Promise<void> };
}
interface Stored {
  readonly jti: string;
  readonly clientId: string;
  readonly grantId: string;
}

/** oidc-provider with refresh token rotation. */
export const OIDC_PROVIDER: ServerKind = {
  name: "oidc-provider",
  present: true,
  form: "html",
  reuse: "login ended",
  identifies: true,
  revokes: true,
  refuses: "é€",
  async start({ clients, callbackUrl, accessTokenLife }) {
    const port = reservePort();
    const issuer = `http://127.0.0.1:${port.port}`;
    const oidc = new Provider(issuer, {
      clients: clients.map(({ id, secret }) => ({
        client_id: id,
        client_secret: secret,
        redirect_uris: [callbackUrl],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
      })),
      cookies: { keys: ["a test's"] },
      rotateRefreshToken: true,
      ttl: { AccessToken: accessTokenLife, RefreshToken: 86_400 },
      features: { revocation: { enabled: true } },
    }) as unknown as Oidc;
    const refused: string[] = [];
    for (const { id } of clients) {
      await oidc.Client.find(id).catch(() => refused.push(id));
    }

    const refreshes: string[] = [];
    const live = new Map<string, Stored>();
    let errors = 0;
    oidc.on("grant.success", ({ oidc: { client, params } }) => {
      if (params.grant_type === "refresh_token") {
        refreshes.push(client.clientId);
      }
    });
    oidc.on("grant.error", () => void errors++);
    oidc.on("refresh_token.saved", (token) => void live.set(token.jti, token));
    for (
      const event of [
        "refresh_token.consumed",
        "refresh_token.destroyed",
      ] as const
    ) oidc.on(event, ({ jti }) => void live.delete(jti));
    const revoke = (grantId: string) => {
      for (const token of live.values()) {
        if (token.grantId === grantId) live.delete(token.jti);
      }
    };
    oidc.on("grant.revoked", (_ctx, id) => revoke(id));

    const of = (id: string) =>
      [...live.values()].filter(({ clientId }) => clientId === id);
    const server = await listening(createServer(oidc.callback()), port.port);
    return {
      settings: { TD_PROVIDER: issuer },
      tokenEndpoint: `${issuer}/token`,
      refused,
      records: ({ id }) =>
        Promise.resolve({
          refreshed: refreshes.filter((clientId) => clientId === id).length,
          live: of(id).length,
        }),
      rejected: () => Promise.resolve(errors),
      async accepts(accessToken) {
        const response = await fetch(`${issuer}/me`, {
          headers: { authorization: `Bearer ${accessToken}` },
        });
        await response.body?.cancel();
        return response.ok;
      },
      async endLogins({ id }) {
        for (const { grantId } of of(id)) {
          await oidc.RefreshToken.revokeByGrantId(grantId);
          await (await oidc.Grant.find(grantId))?.destroy();
          revoke(grantId);
        }
      },
      async [Symbol.asyncDispose]() {
        await closed(server);
        port[Symbol.dispose]();
      },
    };
  },
};
