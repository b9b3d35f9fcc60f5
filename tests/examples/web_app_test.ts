/** The example of a web application, in a process of its own, without a browser. */
import assert from "node:assert/strict";
import { approveAndCopy } from "@tdauth/tdauth/sandbox";
import { startExample } from "../browser/web_site.ts";
import { reservePort } from "../support.ts";

const get = (url: string, cookie = "") =>
  fetch(url, { redirect: "manual", headers: { cookie } });
const cookiesOf = (response: Response) =>
  response.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");

Deno.test("examples/web_app.ts uses the next port when its own is in use, and its callback URL follows", async () => {
  using reserved = reservePort();
  using _other = Deno.listen({ hostname: "127.0.0.1", port: reserved.port });
  await using example = await startExample(reserved.port);
  assert.ok(Number(new URL(example.origin).port) > reserved.port);
  const login = await get(`${example.origin}/login`);
  const asked = new URL(login.headers.get("location") ?? "").searchParams;
  assert.equal(asked.get("redirect_uri"), `${example.origin}/callback`);
});

Deno.test("examples/web_app.ts shows a broker's markup as text, and lets no page load or run anything", async () => {
  using reserved = reservePort();
  await using example = await startExample(reserved.port);
  const { origin } = example;
  const login = await get(`${origin}/login`);
  const back = await get(
    await approveAndCopy(login.headers.get("location") ?? "", {
      user: example.user.name,
      password: example.user.password,
    }),
    cookiesOf(login),
  );
  assert.equal(back.status, 303);
  const cookie = cookiesOf(back);
  const evil = `<script>alert("&')</script>`;
  const planned = await fetch(`${example.broker}/sandbox/fail`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      endpoint: "api",
      times: 2,
      status: 200,
      contentType: "application/json",
      body: JSON.stringify([{
        securitiesAccount: {
          type: evil,
          accountId: evil,
          currentBalances: { cashBalance: 1, equity: 1 },
        },
        symbol: evil,
        description: evil,
        lastPrice: 1,
        netChange: -1,
      }]),
    }),
  });
  assert.equal(planned.status, 200);
  await planned.body?.cancel();
  const pages = [
    await get(`${origin}/?symbols=%3Cscript%3E`, cookie),
    await get(`${origin}/%3Cscript%3E`, cookie),
    await get(`${origin}/?symbols=%22%3E%3Cscript%3E`),
  ];
  assert.deepEqual(pages.map(({ status }) => status), [200, 404, 200]);
  for (const [index, page] of pages.entries()) {
    const text = await page.text();
    if (index === 0) assert.match(text, /&#60;script&#62;alert/);
    assert.doesNotMatch(text, /<script|<img/i);
    assert.match(text, /<h1>/);
    const policy = page.headers.get("content-security-policy") ?? "";
    assert.match(policy, /^default-src 'none'; style-src 'sha256-[^ ]+'; /);
    assert.match(policy, /frame-ancestors 'none'$/);
    assert.equal(page.headers.get("cache-control"), "no-store");
  }
});
