import assert from "node:assert/strict";
import { cookieSealer } from "../../src/web/cookie_keys.ts";
import { Sessions } from "../../src/web/sessions.ts";

Deno.test("Sessions seals each cookie for its own name and its own app, so that none stands for another (line 49)", async () => {
  const real = cookieSealer(["CANARY-cookie-key-of-at-least-32-characters"]);
  const contexts: string[] = [];
  const options = { https: true, loginTimeout: 600, now: Date.now };
  const sealer = {
    ...real,
    seal: (value: unknown, context: string) => {
      contexts.push(context);
      return real.seal(value, context);
    },
  };
  const request = new Request("https://app.example/");
  for (const app of ["one", "two"]) {
    const sessions = new Sessions(sealer, { ...options, app });
    for (const letter of "ab") {
      await sessions.begin(request, {
        state: letter.repeat(43),
        returnTo: "/",
        session: "S",
        time: 0,
      });
    }
    await sessions.hold({ session: "S", end: 60 });
  }
  assert.deepEqual(contexts, [
    "__Host-tdauth-login-aaaaaaaaaaaaaaaa one",
    "__Host-tdauth-login-bbbbbbbbbbbbbbbb one",
    "__Host-tdauth-session one",
    "__Host-tdauth-login-aaaaaaaaaaaaaaaa two",
    "__Host-tdauth-login-bbbbbbbbbbbbbbbb two",
    "__Host-tdauth-session two",
  ]);
});

Deno.test("Sessions needs 800 characters for a login at most, over https, with PKCE and the longest path", async () => {
  const sealer = cookieSealer(["CANARY-cookie-key-of-at-least-32-characters"]);
  const sessions = new Sessions(sealer, {
    https: true,
    app: "one",
    loginTimeout: 600,
    now: Date.now,
  });
  const login = {
    state: "s".repeat(43),
    codeVerifier: "v".repeat(43),
    returnTo: `/${"x".repeat(399)}`,
    session: "n".repeat(32),
    time: Math.floor(Date.now() / 1000),
  };
  const request = new Request("https://app.example/");
  const [cookie = ""] = await sessions.begin(request, login);
  const pair = cookie.slice(0, cookie.indexOf(";"));
  assert.ok(`${pair}; `.length <= 800);
  const answered = new Request(request, { headers: { cookie: pair } });
  assert.deepEqual(await sessions.pending(answered, login.state), login);
});
