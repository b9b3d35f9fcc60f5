/** How a web application authenticates where the provider does not say: found out once, not at each user's login. */
import assert from "node:assert/strict";
import { createWebHandler } from "../../mod.ts";
import { KEY, ORIGIN, Visitor } from "./visitor.ts";

Deno.test("createWebHandler() finds out once how the provider reads the client, and again when that changes", async () => {
  const secret = "p+w";
  const sent: string[] = [];
  let reads = "raw";
  const web = await createWebHandler({
    provider: {
      id: "acme",
      name: "Acme",
      authorizationEndpoint: "https://acme.example/authorize",
      tokenEndpoint: "https://acme.example/token",
    },
    consumerKey: "key",
    consumerSecret: secret,
    callbackUrl: `${ORIGIN}/callback`,
    cookieKeys: [KEY],
    log: () => {},
    fetch: (_input, init) => {
      const basic = new Headers(init?.headers).get("authorization");
      const form = basic === null
        ? "body"
        : atob(basic.slice(6)) === `key:${secret}`
        ? "raw"
        : "encoded";
      sent.push(form);
      return Promise.resolve(
        form === reads
          ? Response.json({
            access_token: "A",
            token_type: "Bearer",
            expires_in: 1800,
            refresh_token: "R",
          })
          : Response.json({ error: "invalid_client" }, { status: 401 }),
      );
    },
  });
  const logIn = async () => {
    sent.length = 0;
    const visitor = new Visitor(web);
    const page = new URL(await visitor.begin());
    const state = page.searchParams.get("state");
    const { status } = await visitor.get(`/callback?code=C&state=${state}`);
    return [status, ...sent];
  };
  assert.deepEqual(await logIn(), [303, "encoded", "raw"]);
  assert.deepEqual(await logIn(), [303, "raw"]);
  reads = "body";
  const [status, ...forms] = await logIn();
  assert.notEqual(status, 303);
  assert.deepEqual(forms, ["raw"]);
  assert.deepEqual(await logIn(), [303, "encoded", "raw", "body"]);
  assert.deepEqual(await logIn(), [303, "body"]);
});
