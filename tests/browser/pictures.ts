/**
 * Takes a picture of every page that a person may see, in light, in dark and on
 * a phone, for people to look at: `deno run -A tests/browser/pictures.ts DIR`.
 */
import type { Page } from "playwright-core";
import { TITLES } from "../../src/login/callback_page.ts";
import {
  answer,
  heading,
  newPerson,
  proceed,
  startChromium,
  startLogin,
  typePassword,
} from "./person.ts";
import { reservePort, temporaryDirectory } from "../support.ts";
import { goToConsent, startExample } from "./web_site.ts";

const LOOKS = {
  light: {},
  dark: { colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 },
  "phone-dark": {
    colorScheme: "dark",
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
  },
} as const;
const SCHWAB = {
  broker: "schwab",
  callbackUrl: "https://127.0.0.1:PORT",
} as const;

const directory = Deno.args[0] ??
  Deno.makeTempDirSync({ prefix: "tdauth_pictures_" });
// deno-lint-ignore no-console -- people want to look at them
console.log(`The pictures are in ${directory}`);
Deno.mkdirSync(directory, { recursive: true });
await using home = temporaryDirectory();
await using stack = new AsyncDisposableStack();
const browser = await startChromium(home.path);
stack.defer(() => browser.close());

for (const [look, options] of Object.entries(LOOKS)) {
  const shoot = async (page: Page, name: string) => {
    await page.screenshot({
      path: `${directory}/${name}-${look}.png`,
      fullPage: true,
    });
  };
  await using person = await newPerson(browser, options);
  const { page } = person;

  {
    await using login = await startLogin(SCHWAB);
    await page.goto(login.url);
    await heading(page, "Log in");
    await shoot(page, "01-login");
    await typePassword(page, login.broker, "wrong");
    await page.getByRole("alert").waitFor();
    await shoot(page, "02-wrong-password");
    await typePassword(page, login.broker);
    await heading(page, "Allow access to your accounts?");
    await shoot(page, "03-consent");
    for (const box of await page.getByRole("checkbox").all()) {
      await box.uncheck();
    }
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByRole("alert").waitFor();
    await shoot(page, "04-no-account");
    for (const box of await page.getByRole("checkbox").all()) await box.check();
    await page.getByRole("button", { name: "Allow" })
      .click({ noWaitAfter: true });
    await page.locator("#details-button").waitFor();
    await shoot(page, "05-warning");
    await proceed(page);
    await heading(page, TITLES.success);
    await shoot(page, "06-logged-in");
    if (look === "light") {
      // The README's.
      const before = page.viewportSize();
      await page.setViewportSize({ width: 800, height: 520 });
      await page.screenshot({ path: `${directory}/logged-in.png` });
      if (before !== null) await page.setViewportSize(before);
    }
    await login.command.outcome;
    await page.goto(login.broker.url);
    await heading(page, "Practice broker");
    await shoot(page, "11-home");
  }
  {
    await using login = await startLogin(SCHWAB);
    const forged = `${login.callbackUrl}/?code=FORGED&state=wrong`;
    await page.goto(forged).catch(() => {});
    await proceed(page);
    await heading(page, TITLES.rejected);
    await shoot(page, "07-rejected");
    await page.goto(login.callbackUrl);
    await heading(page, TITLES.waiting);
    await shoot(page, "08-waiting");
    await answer(page, login, "Deny");
    await heading(page, TITLES.denied);
    await shoot(page, "09-denied");
  }
  {
    await using login = await startLogin({ ...SCHWAB, secret: "a wrong one" });
    await answer(page, login, "Allow");
    await proceed(page);
    await heading(page, TITLES.failed);
    await shoot(page, "10-failed");
    await page.goBack();
    await page.waitForLoadState();
    await shoot(page, "13-session-rejected");
  }
  {
    await using login = await startLogin({
      ...SCHWAB,
      registered: (callbackUrl) => `${callbackUrl}/`,
    });
    await page.goto(login.url);
    await heading(page, "Access Denied");
    await shoot(page, "12-access-denied");
    await page.goto(login.broker.url);
    await shoot(page, "14-home-with-a-refusal");
  }
}

{
  using reserved = reservePort();
  await using example = await startExample(reserved.port);
  for (const [look, options] of Object.entries(LOOKS)) {
    await using person = await newPerson(browser, options);
    const { page } = person;
    const shoot = (name: string) =>
      page.screenshot({
        path: `${directory}/${name}-${look}.png`,
        fullPage: true,
      });
    await page.goto(example.origin);
    await heading(page, "Your accounts, in one place");
    await shoot("20-web-app-welcome");
    await goToConsent(page, example.user);
    await page.getByRole("button", { name: "Allow" }).click();
    await heading(page, "$33,430.42");
    await shoot("21-web-app");
    if (look === "light") {
      // The one in docs/web-applications.md.
      await page.setViewportSize({ width: 900, height: 850 });
      await page.screenshot({ path: `${directory}/web-app.png` });
    }
  }
}
