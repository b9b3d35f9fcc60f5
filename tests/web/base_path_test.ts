/** A web application below a path that a router or a proxy takes off. */
import assert from "node:assert/strict";
import { Hono } from "hono";
import { failsWith } from "../support.ts";
import { ORIGIN, startSite, Visitor } from "./visitor.ts";

Deno.test("createWebHandler() works below a path of Hono's mount(), with basePath", async () => {
  await using site = await startSite({ basePath: "/auth" }, {
    callbackUrl: `${ORIGIN}/auth/callback`,
  });
  const { web, sandbox } = site;
  const app = new Hono();
  app.mount("/auth", web);
  app.get("/", async (c) => {
    const td = await web.authorizationFor(c.req.raw);
    if (td === undefined) return c.redirect(web.paths.login);
    return c.text(String(td.accessToken));
  });
  const served = Object.assign(
    async (request: Request) => await app.fetch(request),
    { paths: web.paths, authorizationFor: web.authorizationFor },
  );
  const visitor = new Visitor(served);
  const away = await visitor.get("/");
  assert.equal(away.headers.get("location"), "/auth/login");
  const login = await visitor.get("/auth/login?return_to=/accounts");
  assert.equal(login.status, 303);
  const back = await visitor.get(
    await sandbox.approveAndCopy(login.headers.get("location") ?? ""),
  );
  assert.deepEqual([back.status, back.headers.get("location")], [
    303,
    "/accounts",
  ]);
  const token = await visitor.token();
  assert.equal(await (await visitor.get("/")).text(), token);
  const again = await visitor.get("/auth/callback?code=x&state=y");
  assert.match(await again.text(), /href="\/"/);
  const out = await visitor.get("/auth/logout", { method: "POST" });
  assert.deepEqual([out.status, visitor.cookies.size], [303, 0]);
  assert.match(
    await (await visitor.get("/auth/callback")).text(),
    /href="\/auth\/login"/,
  );
  assert.equal((await visitor.get("/auth/auth/login")).status, 404);
});

Deno.test("createWebHandler() works behind a proxy that removes a path prefix, with basePath", async () => {
  await using site = await startSite({
    basePath: "/portfolio",
    homePath: "/portfolio/",
  }, { callbackUrl: `${ORIGIN}/portfolio/callback` });
  const proxy = Object.assign(
    (request: Request) =>
      site.web(new Request(request.url.replace("/portfolio", ""), request)),
    { paths: site.web.paths, authorizationFor: site.web.authorizationFor },
  );
  const visitor = new Visitor(proxy);
  const { login, logout } = site.web.paths;
  const page = await visitor.get(login);
  const back = await visitor.get(
    await site.sandbox.approveAndCopy(page.headers.get("location") ?? ""),
  );
  assert.equal(back.headers.get("location"), "/portfolio/");
  assert.notEqual(await visitor.token(), undefined);
  const out = await visitor.get(logout, { method: "POST" });
  assert.equal(out.headers.get("location"), "/portfolio/");
});

for (
  const [what, options] of [
    ["no callback URL below it", { basePath: "/other" }],
    ["a login path that is not below it", { basePath: "/a", loginPath: "/b" }],
    ["a slash at its end", { basePath: "/a/" }],
    ["no slash before it", { basePath: "a" }],
    ["a query", { basePath: "/a?b" }],
  ] as const
) {
  Deno.test(`createWebHandler() rejects a base path with ${what}`, async () => {
    await using site = await startSite({}, {
      callbackUrl: `${ORIGIN}/a/callback`,
    });
    await failsWith("invalid_options", site.another(options));
  });
}
