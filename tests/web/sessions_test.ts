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
