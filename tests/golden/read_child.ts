/**
 * A program of a user of the module, with its settings from the environment:
 * `read_child.ts read|refresh|refused`. It prints the tokens that it got, or the
 * error, and how many requests it sent. The broker is not there, gives new
 * tokens, or refuses the refresh token.
 */
import { authorize, TdauthError, type Token } from "@tdauth/tdauth";

const [mode = ""] = Deno.args;
let asked = 0;
const broker = () => {
  asked++;
  if (mode === "read") {
    return Promise.reject(new Error("nothing is to be sent"));
  }
  return Promise.resolve(
    mode === "refresh"
      ? Response.json({
        access_token: "CANARY-golden-access-new",
        refresh_token: "CANARY-golden-refresh-new",
        expires_in: 1800,
        token_type: "Bearer",
        scope: "api",
      })
      : Response.json({ error: "invalid_grant" }, { status: 400 }),
  );
};
const all = ({ token, accessTime, expiresIn }: Token) => ({
  token,
  accessTime,
  expiresIn: Number.isFinite(expiresIn) ? expiresIn : null,
});

try {
  const td = await authorize({
    interactive: false,
    fetch: broker,
    log: () => {},
  });
  if (mode === "refresh") await td.refresh();
  print({
    accessToken: all(td.accessToken),
    refreshToken: all(td.refreshToken),
    asked,
  });
} catch (error) {
  if (!(error instanceof TdauthError)) throw error;
  print({ code: error.code, message: error.message, asked });
}

function print(value: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(value)));
}
