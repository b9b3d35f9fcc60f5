/** LemonLDAP::NG's portal from Debian, in Plack. */
import { reservePort, temporaryDirectory } from "../support.ts";
import { installed, runProgram, startProgram } from "./program.ts";
import type { Client, ServerKind, StartOptions } from "./real_server.ts";

const PLACKUP = "/usr/bin/plackup";
const PORTAL = "/usr/share/lemonldap-ng/portal";
/** The package's own configuration, which is used as it is but for what is below. */
const CONFIG = "/var/lib/lemonldap-ng/conf/lmConf-1.json";

/** A session of the portal, as far as it is looked at: a token is one. */
interface Session {
  readonly _type?: string;
  readonly rp?: string;
  readonly client_id?: string;
}

/** LemonLDAP::NG, which keeps its refresh tokens and cannot revoke any. */
export const LEMONLDAP: ServerKind = {
  name: "LemonLDAP::NG",
  present: installed(PLACKUP, `${PORTAL}/htdocs/index.psgi`, CONFIG),
  form: "lemonldap",
  reuse: "same token",
  identifies: true,
  revokes: false,
  async start(options) {
    await using stack = new AsyncDisposableStack();
    const { path } = stack.use(temporaryDirectory());
    const { port } = stack.use(reservePort());
    const issuer = `http://127.0.0.1:${port}`;
    const sessions = `${path}/sessions`;
    for (const name of ["conf", "sessions", "sessions/lock", "psessions"]) {
      Deno.mkdirSync(`${path}/${name}`);
    }
    Deno.writeTextFileSync(`${path}/lemonldap-ng.ini`, ini(path));
    Deno.writeTextFileSync(
      `${path}/conf/lmConf-1.json`,
      JSON.stringify({
        ...JSON.parse(Deno.readTextFileSync(CONFIG)),
        ...await configuration(issuer, path, options),
      }),
    );
    stack.use(
      await startProgram([
        PLACKUP,
        "--env=deployment",
        "--host=127.0.0.1",
        `--port=${port}`,
        `--access-log=${path}/access.log`,
        `${PORTAL}/htdocs/index.psgi`,
      ], {
        cwd: path,
        env: { LLNG_DEFAULTCONFFILE: `${path}/lemonldap-ng.ini` },
        ready: `${issuer}/.well-known/openid-configuration`,
      }),
    );
    const all = stack.move();

    /** The tokens of a client, by the names of their files. */
    const tokens = (type: string, client: Client) => {
      const rp = nameOf(options, client);
      return [...Deno.readDirSync(sessions)].filter(({ isFile, name }) => {
        if (!isFile) return false;
        const text = Deno.readTextFileSync(`${sessions}/${name}`);
        const session: Session = JSON.parse(text);
        return session._type === type &&
          (session.rp === rp || session.client_id === client.id);
      }).map(({ name }) => name);
    };
    return {
      settings: { TD_PROVIDER: issuer },
      tokenEndpoint: `${issuer}/oauth2/token`,
      refused: [],
      records(client) {
        // A login has made one of each, a refresh one more access token.
        const live = tokens("refresh_token", client).length;
        const issued = tokens("access_token", client).length;
        return Promise.resolve({ live, refreshed: issued - live });
      },
      rejected: () =>
        Promise.resolve(
          Deno.readTextFileSync(`${path}/access.log`)
            .match(/"POST \/oauth2\/token HTTP\S+" 4/g)?.length ?? 0,
        ),
      async accepts(accessToken) {
        const response = await fetch(`${issuer}/oauth2/userinfo`, {
          headers: { authorization: `Bearer ${accessToken}` },
        });
        await response.body?.cancel();
        return response.ok;
      },
      endLogins(client) {
        for (const type of ["refresh_token", "access_token"]) {
          for (const name of tokens(type, client)) {
            Deno.removeSync(`${sessions}/${name}`);
          }
        }
        return Promise.resolve();
      },
      [Symbol.asyncDispose]: () => all.disposeAsync(),
    };
  },
};

/** What the portal calls a client. */
function nameOf({ clients }: StartOptions, { id }: Client): string {
  return `rp${clients.findIndex((client) => client.id === id)}`;
}

function ini(path: string): string {
  return `[all]
logLevel = info

[configuration]
type = File
dirName = ${path}/conf
localStorage = Cache::NullCache
localStorageOptions = {}

[portal]
staticPrefix = /static
templateDir = ${PORTAL}/templates
languages = en
`;
}

/** What the administrator has changed. */
async function configuration(
  issuer: string,
  path: string,
  options: StartOptions,
): Promise<Record<string, unknown>> {
  const { clients, callbackUrl, accessTokenLife } = options;
  const key = await runProgram(["openssl", "genrsa", "2048"], path);
  const each = (value: (client: Client) => unknown) =>
    Object.fromEntries(
      clients.map((client) => [nameOf(options, client), value(client)]),
    );
  const storage = {
    generateModule: "Lemonldap::NG::Common::Apache::Session::Generate::SHA256",
  };
  return {
    portal: `${issuer}/`,
    domain: "127.0.0.1",
    // Without a cache beside the sessions, an administrator's change counts at once.
    tokenUseGlobalStorage: 1,
    localSessionStorage: "Cache::NullCache",
    localSessionStorageOptions: {},
    globalStorageOptions: {
      ...storage,
      Directory: `${path}/sessions`,
      LockDirectory: `${path}/sessions/lock`,
    },
    persistentStorageOptions: {
      ...storage,
      Directory: `${path}/psessions`,
      LockDirectory: `${path}/sessions/lock`,
    },
    // No mail is sent.
    registerDB: "Null",
    portalDisplayResetPassword: 0,
    issuerDBOpenIDConnectActivation: 1,
    oidcServiceMetaDataIssuer: issuer,
    oidcServiceKeyIdSig: "key",
    oidcServicePrivateKeySig: key,
    oidcServicePublicKeySig: await runProgram(
      ["openssl", "rsa", "-pubout"],
      path,
      key,
    ),
    oidcRPMetaDataExportedVars: each(() => ({ name: "cn" })),
    oidcRPMetaDataOptions: each(({ id, secret }) => ({
      oidcRPMetaDataOptionsDisplayName: "App",
      oidcRPMetaDataOptionsClientID: id,
      oidcRPMetaDataOptionsClientSecret: secret,
      oidcRPMetaDataOptionsRedirectUris: callbackUrl,
      oidcRPMetaDataOptionsIDTokenSignAlg: "RS256",
      oidcRPMetaDataOptionsRefreshToken: 1,
      oidcRPMetaDataOptionsAccessTokenExpiration: accessTokenLife,
    })),
  };
}
