/** Web applications with many users, in Chromium. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { reservePort, untilFree } from "../support.ts";
import { chromiumTests } from "./chromium_tests.ts";
import {
  assertFits,
  heading,
  history,
  newPerson,
  type Person,
} from "./person.ts";
import {
  exchanges,
  goToConsent,
  startExample,
  startWebSite,
} from "./web_site.ts";

const chromium = chromiumTests();
const { test } = chromium;

const HTTP = "http://localhost:PORT";
const HTTPS = { ignoreHTTPSErrors: true };

const allow = (page: Page) =>
  page.getByRole("button", { name: "Allow" }).click();
/** Whom the page of the application shows. */
const user = (page: Page) =>
  page.getByRole("heading", { level: 1 }).innerText();
const sessionOf = async (person: Person) =>
  (await person.context.cookies()).find(({ name }) =>
    name.endsWith("tdauth-session")
  )?.value;

async function assertClean(page: Page, origin: string): Promise<void> {
  for (const url of await history(page)) {
    if (url.startsWith(origin)) assert.doesNotMatch(url, /code=|state=/);
  }
}

for (
  const [origin, prefix] of [
    [HTTP, ""],
    ["http://127.0.0.1:PORT", ""],
    ["https://localhost:PORT", "__Host-"],
  ] as const
) {
  test(`createWebHandler() logs a person in at ${origin}, with cookies that Chromium keeps as HttpOnly, Secure and SameSite=Lax (line 49)`, async () => {
    await using site = await startWebSite(origin);
    await using person = await newPerson(chromium.browser, HTTPS);
    const { page, context } = person;
    await page.goto(`${site.origin}/accounts`);
    await goToConsent(page, site.sandbox.user);
    const pending = await context.cookies(site.origin);
    await allow(page);
    await page.waitForURL(`${site.origin}/accounts`);
    assert.match(await user(page), /^user /);
    const session = (await context.cookies(site.origin)).filter(({ name }) =>
      name.includes("tdauth")
    );
    for (
      const [cookies, pattern] of [
        [pending, /^tdauth-login-[\w-]{16}$/],
        [session, /^tdauth-session$/],
      ] as const
    ) {
      const own = cookies.filter(({ name }) => name.includes("tdauth"));
      assert.equal(own.length, 1);
      const [cookie] = own;
      assert.ok(cookie?.name.startsWith(prefix) === true);
      assert.match(cookie.name.slice(prefix.length), pattern);
      assert.equal(cookie.httpOnly, true);
      assert.equal(cookie.secure, true);
      assert.equal(cookie.sameSite, "Lax");
      assert.equal(cookie.path, "/");
      assert.equal(cookie.domain, new URL(site.origin).hostname); // no dot: this host alone
    }
    assert.equal(await page.evaluate("document.cookie"), "");
    await assertClean(page, site.origin);
    assert.deepEqual(person.complaints, []);
    for (const from of person.origins) {
      assert.ok([site.origin, site.sandbox.url, "null"].includes(from), from);
    }
  });
}

test("createWebHandler() keeps two users in two browsers apart (line 50)", async () => {
  await using site = await startWebSite(HTTP);
  await using one = await newPerson(chromium.browser);
  await using two = await newPerson(chromium.browser);
  for (const { page } of [one, two]) {
    await page.goto(site.origin);
    assert.equal(await user(page), "Nobody");
    await goToConsent(page, site.sandbox.user);
  }
  for (const { page } of [two, one]) {
    await allow(page);
    await page.waitForURL(`${site.origin}/`);
  }
  const [first, second] = [await user(one.page), await user(two.page)];
  assert.match(first, /^user /);
  assert.notEqual(first, second);
  assert.notEqual(await sessionOf(one), await sessionOf(two));
  await one.page.getByRole("button", { name: "Log out" }).click();
  await heading(one.page, "Nobody");
  await two.page.reload();
  assert.equal(await user(two.page), second);
});

test("createWebHandler() keeps two tabs of one user apart that log in interleaved, and the last session counts (lines 49 and 50)", async () => {
  await using site = await startWebSite(HTTP);
  await using person = await newPerson(chromium.browser);
  const [first, second] = [person.page, await person.context.newPage()];
  await first.goto(`${site.origin}/first`);
  await second.goto(`${site.origin}/second`);
  await goToConsent(first, site.sandbox.user);
  await goToConsent(second, site.sandbox.user);
  await allow(second);
  await second.waitForURL(`${site.origin}/second`);
  const before = await sessionOf(person);
  const early = await user(second);
  await allow(first);
  await first.waitForURL(`${site.origin}/first`);
  assert.notEqual(await sessionOf(person), before, "a new session id");
  const late = await user(first);
  assert.notEqual(late, early);
  await second.reload();
  assert.equal(await user(second), late, "one browser, one user");
  assert.equal(exchanges(site), 2);
  await person.context.addCookies([{
    name: "tdauth-session",
    value: before ?? "",
    url: site.origin,
  }]);
  await second.reload();
  assert.equal(await user(second), "Nobody", "the replaced session is over");
});

test("createWebHandler() exchanges no code again for the back button or a reload of the callback URL (line 9)", async () => {
  await using site = await startWebSite(HTTP);
  await using person = await newPerson(chromium.browser);
  const { page } = person;
  let callback = "";
  page.on("request", (request) => {
    if (request.url().includes("/callback?")) callback = request.url();
  });
  await page.goto(site.origin);
  await goToConsent(page, site.sandbox.user);
  await allow(page);
  await page.waitForURL(`${site.origin}/`);
  const mine = await user(page);
  await assertClean(page, site.origin);

  await page.goBack();
  assert.ok(page.url().startsWith(site.sandbox.url), page.url());
  await page.goForward();
  assert.equal(await user(page), mine);

  for (let count = 0; count < 2; count++) {
    await page.goto(callback);
    await heading(page, "This login is not yours, or has expired");
  }
  await page.reload();
  await page.getByRole("link", { name: "Continue: you are logged in" }).click();
  await page.waitForURL(`${site.origin}/`);
  assert.equal(await user(page), mine);
  assert.equal(exchanges(site), 1);
});

test("createWebHandler() ends the session of every tab at a logout in one", async () => {
  await using site = await startWebSite(HTTP);
  await using person = await newPerson(chromium.browser);
  const [first, second] = [person.page, await person.context.newPage()];
  await first.goto(site.origin);
  await goToConsent(first, site.sandbox.user);
  await allow(first);
  await first.waitForURL(`${site.origin}/`);
  const session = await sessionOf(person);
  await second.goto(`${site.origin}/other`);
  assert.equal(await user(second), await user(first));
  await first.getByRole("button", { name: "Log out" }).click();
  await heading(first, "Nobody");
  assert.equal(await sessionOf(person), undefined);
  await second.reload();
  await heading(second, "Nobody");
  await first.goBack();
  await heading(first, "Nobody");
  await person.context.addCookies([{
    name: "tdauth-session",
    value: session ?? "",
    url: site.origin,
  }]);
  await first.reload();
  await heading(first, "Nobody");
});

test("createWebHandler() begins no login when Chromium prefetches the login route", async () => {
  await using site = await startWebSite(HTTP);
  await using person = await newPerson(chromium.browser);
  const { page, context } = person;
  const guess = page.waitForResponse(`${site.origin}/login`);
  await page.goto(`${site.origin}/guess`);
  assert.equal((await guess).status(), 503);
  assert.deepEqual(
    site.requests.filter(({ path }) => path === "/login"),
    [{ path: "/login", purpose: "prefetch", status: 503 }],
  );
  assert.deepEqual(await context.cookies(site.origin), []);
  await goToConsent(page, site.sandbox.user);
  await allow(page);
  await page.waitForURL(`${site.origin}/guess`);
  assert.match(await user(page), /^user /);
});

test("createWebHandler() begins no login for a picture or a frame, and the tab's own goes on", async () => {
  await using site = await startWebSite(HTTP);
  await using person = await newPerson(chromium.browser);
  const { page, context } = person;
  await page.goto(site.origin);
  await goToConsent(page, site.sandbox.user);
  const before = await context.cookies(site.origin);
  const other = await context.newPage();
  await other.goto(`${site.origin}/other`);
  const loaded = Promise.all(
    ["image", "iframe"].map((kind) =>
      other.waitForResponse((response) =>
        response.url() === `${site.origin}/login?${kind}`
      )
    ),
  );
  await other.evaluate(`document.body.insertAdjacentHTML("beforeend",
    '<img src="/login?image"><iframe src="/login?iframe"></iframe>')`);
  for (const response of await loaded) assert.equal(response.status(), 403);
  assert.deepEqual(await context.cookies(site.origin), before);
  await allow(page);
  await page.waitForURL(`${site.origin}/`);
  assert.match(await user(page), /^user /);
});

test("createWebHandler() rejects a logout that another site's page sends", async () => {
  await using site = await startWebSite(HTTP);
  await using person = await newPerson(chromium.browser);
  const { page } = person;
  await page.goto(site.origin);
  await goToConsent(page, site.sandbox.user);
  await allow(page);
  await page.waitForURL(`${site.origin}/`);
  const mine = await user(page);
  const evil = await person.context.newPage();
  await evil.route("http://evil.example/", (route) =>
    route.fulfill({
      contentType: "text/html",
      body:
        `<form method="post" action="${site.origin}/logout"><button>Win</button></form>`,
    }));
  await evil.goto("http://evil.example/");
  await evil.getByRole("button").click();
  await evil.waitForURL(`${site.origin}/logout`);
  assert.match(
    await evil.locator("body").innerText(),
    /Cross-site logout rejected/,
  );
  await page.reload();
  assert.equal(await user(page), mine);
});

test("deno task example:web logs a person in, shows accounts and quotes, and ends with both ports free", async () => {
  using reserved = reservePort();
  await using example = await startExample(reserved.port);
  assert.equal(example.origin, `http://localhost:${reserved.port}`);
  await using person = await newPerson(chromium.browser, {
    viewport: { width: 320, height: 640 },
    isMobile: true,
  });
  const { page } = person;
  await page.goto(`${example.origin}/?symbols=schw+%3Cb%3E`);
  await heading(page, "Your accounts, in one place");
  await assertFits(page);
  await goToConsent(page, example.user);
  await allow(page);
  await page.waitForURL(`${example.origin}/?symbols=schw+%3Cb%3E`);
  await heading(page, "$33,430.42");
  await assertFits(page);
  const text = await page.locator("main").innerText();
  assert.match(text, /renews automatically in 30 minutes/);
  assert.match(text, /due in 90 days, by \w+,? \d/);
  assert.match(text, /SCHW \(made up/);
  await page.getByLabel("Symbols").fill("nflx");
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByRole("rowheader", { name: "NFLX" }).waitFor();
  assert.equal(await page.getByRole("rowheader").count(), 1);
  assert.deepEqual(person.complaints, []);
  for (const origin of person.origins) {
    assert.ok([example.origin, example.broker, "null"].includes(origin));
  }

  const control = (path: string, body = "{}") =>
    fetch(`${example.broker}/sandbox/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    }).then((response) => response.body?.cancel());
  await control("fail", '{"endpoint":"api","status":502,"times":2}');
  assert.equal((await page.reload())?.status(), 503);
  await heading(page, "The broker does not answer");
  await assertFits(page);
  await page.getByRole("link", { name: "Try again" }).click();
  await heading(page, "$33,430.42");
  await control("advance?seconds=3600");
  await page.reload();
  await heading(page, "$33,430.42");
  await control("revoke");
  assert.equal((await page.reload())?.status(), 401);
  await heading(page, "Your session has ended");
  await goToConsent(page, example.user);
  await allow(page);
  await heading(page, "$33,430.42");
  await page.getByRole("button", { name: "Log out" }).click();
  await heading(page, "Your accounts, in one place");
  await page.goBack();
  assert.doesNotMatch(await page.content(), /33,430/);

  assert.equal(await example.interrupt(), 0);
  for (const url of [example.origin, example.broker]) {
    await untilFree(Number(new URL(url).port), ["127.0.0.1"]);
  }
});
