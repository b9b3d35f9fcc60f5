/** Django OAuth Toolkit from Debian, in Django's own development server. */
import { fileURLToPath } from "node:url";
import { reservePort, temporaryDirectory } from "../support.ts";
import { PASSWORD, USER } from "./log_in.ts";
import { installed, runProgram, startProgram } from "./program.ts";
import type { ServerKind } from "./real_server.ts";
import { count, rows } from "./tables.ts";

const PYTHON = "/usr/bin/python3";
const PACKAGES = "/usr/lib/python3/dist-packages";

/** Of a client. */
const OF = "application_id IN " +
  "(SELECT id FROM oauth2_provider_application WHERE client_id = ?)";

/** Django OAuth Toolkit, which requires PKCE and rotates. */
export const DJANGO: ServerKind = {
  name: "Django OAuth Toolkit",
  present: installed(PYTHON, `${PACKAGES}/oauth2_provider`),
  form: "html",
  reuse: "old one refused",
  revokes: false, // its metadata names no endpoint
  proof: { accepted: "400 invalid_grant" },
  rejects: {
    raw: { id: "+:", secret: "+" },
    encoded: { id: "", secret: "" },
  },
  async start({ clients, callbackUrl, accessTokenLife }) {
    await using stack = new AsyncDisposableStack();
    const { path } = stack.use(temporaryDirectory());
    const { port } = stack.use(reservePort());
    const issuer = `http://127.0.0.1:${port}/o`;
    const database = `${path}/django.sqlite`;
    const config = `${path}/config.json`;
    Deno.writeTextFileSync(
      config,
      JSON.stringify({
        database,
        clients,
        callbackUrl,
        accessTokenLife,
        user: USER,
        password: PASSWORD,
        key: await runProgram(["openssl", "genrsa", "2048"], path),
      }),
    );
    const site = fileURLToPath(new URL("django_site.py", import.meta.url));
    const manage = [PYTHON, "-B", site, config] as const;
    const refused = await runProgram([...manage, "register"], path);
    const program = stack.use(
      await startProgram([
        ...manage,
        "runserver",
        "--noreload",
        `127.0.0.1:${port}`,
      ], { cwd: path, ready: `${issuer}/.well-known/jwks.json` }),
    );
    const all = stack.move();
    return {
      settings: { TD_PROVIDER: issuer },
      tokenEndpoint: `${issuer}/token/`,
      refused: refused.split("\n").filter((id) => id !== ""),
      records: ({ id }) =>
        Promise.resolve({
          // Each login and each refresh has issued one; the log tells the logins.
          refreshed:
            count(database, `oauth2_provider_refreshtoken WHERE ${OF}`, id) -
            logins(program.log(), id),
          live: count(
            database,
            `oauth2_provider_refreshtoken WHERE revoked IS NULL AND ${OF}`,
            id,
          ),
        }),
      rejected: () =>
        Promise.resolve(
          program.log().match(/"POST \/o\/token\/ HTTP\S+" 4/g)?.length ?? 0,
        ),
      accepts: (accessToken) =>
        Promise.resolve(
          count(
            database,
            "oauth2_provider_accesstoken WHERE token = ? AND expires > datetime()",
            accessToken,
          ) === 1,
        ),
      endLogins({ id }) {
        rows(
          database,
          `UPDATE oauth2_provider_refreshtoken SET revoked = datetime() WHERE ${OF}`,
          id,
        );
        return Promise.resolve();
      },
      [Symbol.asyncDispose]: () => all.disposeAsync(),
    };
  },
};

/** How often the log has a user who agrees to the client. */
function logins(log: string, id: string): number {
  const agreed = [...log.matchAll(/"POST (\/o\/authorize\/\S+) HTTP\S+" 302/g)];
  return agreed.filter(([, path = ""]) =>
    new URL(path, "http://127.0.0.1").searchParams.get("client_id") === id
  ).length;
}
