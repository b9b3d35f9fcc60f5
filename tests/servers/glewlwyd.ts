/** glewlwyd from Debian, with SQLite. */
import { reservePort, temporaryDirectory } from "../support.ts";
import { PASSWORD, USER } from "./log_in.ts";
import { installed, runProgram, startProgram } from "./program.ts";
import type { Client, ServerKind, StartOptions } from "./real_server.ts";
import { count, rows, script } from "./tables.ts";

const PROGRAM = "/usr/bin/glewlwyd";
/** The package's own configuration file and tables, which are used as they are but for addresses and paths. */
const CONFIG = "/etc/glewlwyd/glewlwyd.conf";
const TABLES = "/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3";
const PAGES = "/usr/share/glewlwyd/webapp/";

/** glewlwyd's OpenID Connect plugin with refresh tokens for one use. */
export const GLEWLWYD: ServerKind = {
  name: "glewlwyd",
  present: installed(PROGRAM, CONFIG, TABLES, PAGES),
  form: "glewlwyd",
  reuse: "login ended",
  identifies: true,
  revokes: true,
  async start(options) {
    await using stack = new AsyncDisposableStack();
    const { path } = stack.use(temporaryDirectory());
    const { port } = stack.use(reservePort());
    const { port: metrics } = stack.use(reservePort());
    const origin = `http://127.0.0.1:${port}`;
    const issuer = `${origin}/api/oidc`;
    const database = `${path}/glewlwyd.sqlite`;
    script(database, Deno.readTextFileSync(TABLES));
    Deno.writeTextFileSync(
      `${path}/glewlwyd.conf`,
      configuration(port, metrics, database),
    );
    stack.use(
      await startProgram([PROGRAM, `--config-file=${path}/glewlwyd.conf`], {
        cwd: path,
        ready: `${origin}/config`,
      }),
    );
    const refused = await register(origin, issuer, path, options);
    const all = stack.move();
    const of = (condition: string, { id }: Client) =>
      count(database, `${condition} gpor_client_id = ?`, id);
    return {
      settings: { TD_PROVIDER: issuer },
      tokenEndpoint: `${issuer}/token`,
      refused,
      records(client) {
        // Refresh tokens that follow one another have one jti.
        const issued = of("gpo_refresh_token WHERE", client);
        const logins = of(
          "(SELECT DISTINCT gpor_jti, gpor_client_id FROM gpo_refresh_token) WHERE",
          client,
        );
        return Promise.resolve({
          refreshed: issued - logins,
          live: of("gpo_refresh_token WHERE gpor_enabled = 1 AND", client),
        });
      },
      async rejected() {
        const response = await fetch(`http://127.0.0.1:${metrics}/`);
        const counters = (await response.text()).matchAll(
          /^glewlwyd_oidc_invalid_(?:code|refresh_token)_total\S* (\d+)$/gm,
        );
        return [...counters].reduce((sum, [, n]) => sum + Number(n), 0);
      },
      async accepts(accessToken) {
        const response = await fetch(`${issuer}/userinfo`, {
          headers: { authorization: `Bearer ${accessToken}` },
        });
        await response.body?.cancel();
        return response.ok;
      },
      endLogins({ id }) {
        rows(
          database,
          "UPDATE gpo_refresh_token SET gpor_enabled = 0 WHERE gpor_client_id = ?",
          id,
        );
        return Promise.resolve();
      },
      [Symbol.asyncDispose]: () => all.disposeAsync(),
    };
  },
};

/** The package's configuration with other addresses and paths. */
function configuration(
  port: number,
  metrics: number,
  database: string,
): string {
  const lines: readonly (readonly [RegExp, string])[] = [
    [/^port=.*$/m, `port=${port}`],
    [/^#bind_address=.*$/m, 'bind_address="127.0.0.1"'],
    [/^external_url=.*$/m, `external_url="http://127.0.0.1:${port}/"`],
    [/^# static_files_path=.*$/m, `static_files_path="${PAGES}"`],
    [/^log_mode=.*$/m, 'log_mode="console"'],
    [
      /^@include .*$/m,
      `database = { type = "sqlite3"; path = "${database}"; };
metrics_endpoint=true
metrics_endpoint_port=${metrics}
metrics_bind_address="127.0.0.1"
metrics_endpoint_admin_session=false`,
    ],
  ];
  let text = Deno.readTextFileSync(CONFIG);
  for (const [line, other] of lines) {
    if (!line.test(text)) throw new Error(`${CONFIG} has no ${line}`);
    text = text.replace(line, () => other);
  }
  return text;
}

/** Adds plugin, user and clients as the administration page does; returns the ids of clients that are refused. */
async function register(
  origin: string,
  issuer: string,
  cwd: string,
  { clients, callbackUrl, accessTokenLife }: StartOptions,
): Promise<string[]> {
  let cookie = "";
  const add = async (path: string, body: unknown) => {
    const response = await fetch(`${origin}/api/${path}/`, {
      method: "POST",
      headers: { "content-type": "application/json", cookie },
      body: JSON.stringify(body),
    });
    await response.body?.cancel();
    cookie ||= response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    return response.ok;
  };
  const must = async (path: string, body: unknown) => {
    if (!await add(path, body)) throw new Error(`${path} was refused`);
  };
  await must("auth", { username: "admin", password: "password" });
  const key = await runProgram(["openssl", "genrsa", "2048"], cwd);
  await must("mod/plugin", {
    module: "oidc",
    name: "oidc",
    display_name: "OpenID Connect",
    enabled: true,
    parameters: {
      iss: issuer,
      key,
      cert: await runProgram(["openssl", "rsa", "-pubout"], cwd, key),
      "jwt-type": "rsa",
      "jwt-key-size": "256",
      "access-token-duration": accessTokenLife,
      "refresh-token-duration": 1_209_600,
      "code-duration": 600,
      "refresh-token-rolling": false,
      "refresh-token-one-use": "always",
      "allow-non-oidc": false,
      "auth-type-code-enabled": true,
      "auth-type-refresh-enabled": true,
      "auth-type-token-enabled": false,
      "auth-type-password-enabled": false,
      "auth-type-client-enabled": false,
      "auth-type-device-enabled": false,
      "introspection-revocation-allowed": true,
      "introspection-revocation-allow-target-client": true,
      "introspection-revocation-auth-scope": [],
      "pkce-allowed": true,
      "pkce-method-plain-allowed": false,
      "jwks-show": true,
    },
  });
  await must("user", {
    username: USER,
    password: PASSWORD,
    enabled: true,
    scope: ["openid"],
  });
  const refused: string[] = [];
  for (const { id, secret } of clients) {
    const taken = await add("client", {
      client_id: id,
      name: "App",
      confidential: true,
      password: secret,
      enabled: true,
      redirect_uri: [callbackUrl],
      authorization_type: ["code", "refresh_token", "delete_token"],
      token_endpoint_auth_method: ["client_secret_basic", "client_secret_post"],
    });
    if (!taken) refused.push(id);
  }
  return refused;
}
