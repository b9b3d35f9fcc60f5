/** Authlib from Debian, in Flask. */
import { fileURLToPath } from "node:url";
import { ENCODED } from "./clients.ts";
import { reservePort, temporaryDirectory } from "../support.ts";
import { PASSWORD, USER } from "./log_in.ts";
import { installed, startProgram } from "./program.ts";
import type { ServerKind } from "./real_server.ts";
import { count, rows } from "./tables.ts";

const PYTHON = "/usr/bin/python3";
const PACKAGES = "/usr/lib/python3/dist-packages";

/** Authlib with refresh token rotation. */
export const AUTHLIB: ServerKind = {
  name: "Authlib",
  present: installed(PYTHON, `${PACKAGES}/authlib`, `${PACKAGES}/flask`),
  form: "html",
  reuse: "old one refused",
  revokes: true,
  proof: { accepted: "400 invalid_grant" },
  rejects: {
    raw: { id: ":", secret: "" },
    encoded: { id: ENCODED, secret: ENCODED },
  },
  async start({ clients, callbackUrl, accessTokenLife }) {
    await using stack = new AsyncDisposableStack();
    const { path } = stack.use(temporaryDirectory());
    const { port } = stack.use(reservePort());
    const issuer = `http://127.0.0.1:${port}`;
    const database = `${path}/authlib.sqlite`;
    Deno.writeTextFileSync(
      `${path}/config.json`,
      JSON.stringify({
        issuer,
        port,
        database,
        clients,
        callbackUrl,
        accessTokenLife,
        user: USER,
        password: PASSWORD,
      }),
    );
    const program = stack.use(
      await startProgram([
        PYTHON,
        fileURLToPath(new URL("authlib_app.py", import.meta.url)),
        `${path}/config.json`,
      ], {
        cwd: path,
        // Plain http is refused without it.
        env: { AUTHLIB_INSECURE_TRANSPORT: "1", PYTHONDONTWRITEBYTECODE: "1" },
        ready: `${issuer}/.well-known/oauth-authorization-server`,
      }),
    );
    const all = stack.move();
    return {
      settings: { TD_PROVIDER: issuer },
      tokenEndpoint: `${issuer}/token`,
      refused: [],
      records: ({ id }) =>
        Promise.resolve({
          refreshed: count(
            database,
            "token WHERE client_id = ? AND grant_type = 'refresh_token'",
            id,
          ),
          live: count(
            database,
            "token WHERE client_id = ? AND NOT revoked",
            id,
          ),
        }),
      rejected: () =>
        Promise.resolve(
          program.log().match(/"POST \/token HTTP\S+" 4/g)?.length ?? 0,
        ),
      async accepts(accessToken) {
        const response = await fetch(`${issuer}/me`, {
          headers: { authorization: `Bearer ${accessToken}` },
        });
        await response.body?.cancel();
        return response.ok;
      },
      endLogins({ id }) {
        rows(database, "UPDATE token SET revoked = 1 WHERE client_id = ?", id);
        return Promise.resolve();
      },
      [Symbol.asyncDispose]: () => all.disposeAsync(),
    };
  },
};
