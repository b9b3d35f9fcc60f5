/** A person's login at the practice broker in Chromium, certificate warning included. */

import assert from "node:assert/strict";
import { TITLES } from "../../src/login/callback_page.ts";
import { chromiumTests } from "./chromium_tests.ts";
import {
  answer,
  assertFits,
  heading,
  history,
  type Login,
  type LoginOptions,
  newPerson,
  type Person,
  proceed,
  startLogin,
  typePassword,
} from "./person.ts";

const chromium = chromiumTests();
const { test } = chromium;

/** What all pages have in common: nothing is blocked, nothing loaded from elsewhere. */
function assertQuiet(person: Person, login: Login): void {
  assert.deepEqual(
    person.complaints.filter((text) =>
      // A page with the status 400 is an error on Chromium's console, and so is the warning.
      !/^Failed to load resource: (the server responded with a status of 4|net::ERR_CERT_AUTHORITY_INVALID)/
        .test(text)
    ),
    [],
  );
  const known = [login.broker.url, new URL(login.callbackUrl).origin];
  for (const origin of person.origins) {
    assert.ok(known.includes(origin) || origin === "null", origin);
  }
}

/** The address is the callback URL, with what tells this browser from others. */
function assertAtCallback(url: string, login: Login): void {
  const [before, ticket = ""] = url.split(/[?&]tdauth=/);
  assert.equal(before, new URL(login.callbackUrl).href);
  assert.match(ticket, /^[0-9a-f-]{36}$/);
}

/** The address bar and the back button hold no trace of the code. */
async function assertClean(person: Person, login: Login): Promise<void> {
  const { page } = person;
  assertAtCallback(page.url(), login);
  for (const url of await history(page)) {
    assert.doesNotMatch(url, /[?&](code|session)=/);
    if (!url.startsWith(login.broker.url)) assert.doesNotMatch(url, /state=/);
  }
}

const SCHWAB: LoginOptions = {
  broker: "schwab",
  callbackUrl: "https://127.0.0.1:PORT",
};
const TDA: LoginOptions = {
  broker: "tdameritrade",
  callbackUrl: "http://localhost:PORT",
};
const LOGINS: readonly (readonly [LoginOptions, string, string])[] = [
  [SCHWAB, "Charles Schwab", "in 7\u00a0days"],
  [
    { ...SCHWAB, callbackUrl: "https://localhost:PORT/callback?a=b" },
    "Charles Schwab",
    "in 7\u00a0days",
  ],
  [TDA, "TD Ameritrade", "in 90\u00a0days"],
];
for (const [options, name, next] of LOGINS) {
  const https = options.callbackUrl.startsWith("https:");
  test(
    `tdauth login completes in a browser at ${name} with ${options.callbackUrl}${
      https ? ", past the certificate warning" : ""
    }`,
    async () => {
      await using login = await startLogin(options);
      await using person = await newPerson(chromium.browser);
      const { page } = person;
      await page.goto(login.url);
      await heading(page, "Log in");
      await typePassword(page, login.broker, "wrong");
      assert.match(
        await page.getByRole("alert").innerText(),
        /the user name or the password is wrong/i,
      );
      await typePassword(page, login.broker);
      await heading(page, "Allow access to your accounts?");
      await page.getByRole("button", { name: "Allow" })
        .click({ noWaitAfter: true });
      if (https) await proceed(page);

      await heading(page, TITLES.success);
      const text = await page.locator("main").innerText();
      assert.ok(text.includes(`${name} has granted tdauth access`), text);
      assert.ok(text.includes(`You will have to log in again ${next}, on `));
      assert.match(text, /You can close this tab\.$/);
      assert.doesNotMatch(await page.content(), /code=|C0\.|<script/);
      await assertClean(person, login);
      assertQuiet(person, login);

      const { code, stdout, stderr } = await login.command.outcome;
      assert.equal(code, 0, stderr);
      assert.equal(stdout, "");
      assert.notEqual(login.storedToken(), undefined);
    },
  );

  test(
    `tdauth login ends with 4 when the person at ${name} denies, with ${options.callbackUrl}`,
    async () => {
      await using login = await startLogin(options);
      await using person = await newPerson(chromium.browser);
      const { page } = person;
      await answer(page, login, "Deny");
      if (https) await proceed(page);
      await heading(page, TITLES.denied);
      assert.match(
        await page.locator("main").innerText(),
        /denied access.*Nothing was stored/,
      );
      assertAtCallback(page.url(), login);
      assertQuiet(person, login);
      const { code, stderr } = await login.command.outcome;
      assert.equal(code, 4, stderr);
      assert.match(stderr, /access was denied/);
      assert.equal(login.storedToken(), undefined);
    },
  );

  test(
    `tdauth login goes on after a forged callback at ${options.callbackUrl} and completes`,
    async () => {
      await using login = await startLogin(options);
      await using person = await newPerson(chromium.browser);
      const forged = await person.context.newPage();
      const url = new URL(login.callbackUrl);
      url.searchParams.set("code", "FORGED");
      url.searchParams.set("state", "wrong");
      if (https) {
        await assert.rejects(forged.goto(url.href), /ERR_CERT/);
        await proceed(forged);
      } else {
        await forged.goto(url.href);
      }
      await heading(
        forged,
        TITLES.rejected,
      );
      await login.command.stderrHas(/rejected: .*Still waiting\./);

      await forged.goto(login.callbackUrl);
      await heading(forged, TITLES.waiting);

      await answer(person.page, login, "Allow"); // the certificate is known by now
      await heading(person.page, TITLES.success);
      await assertClean(person, login);
      assertQuiet(person, login);
      const { code, stderr } = await login.command.outcome;
      assert.equal(code, 0, stderr);
      assert.notEqual(login.storedToken(), "FORGED");
    },
  );
}

test("tdauth login completes when the person first turns back at the certificate warning", async () => {
  await using login = await startLogin(SCHWAB);
  await using person = await newPerson(chromium.browser);
  const { page } = person;
  await answer(page, login, "Allow");
  await page.getByRole("button", { name: "Back to safety" }).click();
  await answer(page, login, "Allow");
  await proceed(page);
  await heading(page, TITLES.success);
  await assertClean(person, login);
  assert.equal((await login.command.outcome).code, 0);
});

test("tdauth login also tells the user in the browser when the broker rejects the secret", async () => {
  await using login = await startLogin({ ...SCHWAB, secret: "a wrong one" });
  await using person = await newPerson(chromium.browser);
  const { page } = person;
  await answer(page, login, "Allow");
  await proceed(page);
  await heading(page, TITLES.failed);
  const text = await page.locator("main").innerText();
  assert.match(text, /the consumer key or secret is wrong/);
  assert.ok(!text.includes("a wrong one"));
  await assertClean(person, login);
  const { code, stderr } = await login.command.outcome;
  assert.equal(code, 2, stderr);
});

test("startSandbox() shows the person what is wrong with the callback URL", async () => {
  await using login = await startLogin({
    ...SCHWAB,
    registered: (callbackUrl) => `${callbackUrl}/`,
  });
  await using person = await newPerson(chromium.browser);
  const { page } = person;
  await page.goto(login.url);
  await heading(page, "Access Denied");
  const why = await page.getByRole("alert").innerText();
  assert.ok(why.includes(`"${login.callbackUrl}"`), why);
  assert.ok(why.includes(`"${login.callbackUrl}/"`), why);
  assertQuiet(person, login);
});

test("every page of a login can be read on a phone", async () => {
  await using login = await startLogin(SCHWAB);
  await using person = await newPerson(chromium.browser, {
    viewport: { width: 320, height: 640 },
    isMobile: true,
  });
  const { page } = person;
  await page.goto(login.broker.url);
  await heading(page, "Practice broker");
  await assertFits(page);
  await page.goto(login.url);
  await heading(page, "Log in");
  await assertFits(page);
  await typePassword(page, login.broker);
  await heading(page, "Allow access to your accounts?");
  await assertFits(page);
  await page.getByRole("button", { name: "Allow" })
    .click({ noWaitAfter: true });
  await proceed(page);
  await heading(page, TITLES.success);
  await assertFits(page);
  assertQuiet(person, login);
});
