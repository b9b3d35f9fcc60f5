/** A redirect that a server posts: oidc-provider's own `form_post` page, whose script Chromium runs. */
import { authorize, discover, MemCache } from "@tdauth/tdauth";
import assert from "node:assert/strict";
import { TITLES } from "../../src/login/callback_page.ts";
import { startAuthorizationServer } from "../interop/authorization_server.ts";
import { reservePort, temporaryDirectory } from "../support.ts";
import { chromiumTests } from "./chromium_tests.ts";
import { history } from "./person.ts";

const chromium = chromiumTests();

for (const scheme of ["http", "https"]) {
  chromium.test(`authorize() takes a code that oidc-provider posts to an ${scheme} callback URL, and no address has it`, async () => {
    await using home = temporaryDirectory();
    using port = reservePort();
    const callbackUrl = `${scheme}://127.0.0.1:${port.port}/cb`;
    await using server = await startAuthorizationServer({ callbackUrl });
    const context = await chromium.browser.newContext({
      ignoreHTTPSErrors: true, // trust is trust_test.ts's
    });
    try {
      const page = await context.newPage();
      const posts: string[] = [];
      page.on("request", (request) => {
        if (
          request.method() === "POST" && request.url().startsWith(callbackUrl)
        ) {
          posts.push(request.postData() ?? "");
        }
      });
      const approved = Promise.withResolvers<void>();
      const approve = async (url: string) => {
        await page.goto(url);
        await page.fill("[name=login]", "pat");
        await page.fill("[name=password]", "pat");
        await page.click("button[type=submit]");
        await page.click("button[type=submit]"); // consent
        await page.waitForURL((at) => at.href.startsWith(callbackUrl));
      };
      const provider = await discover(server.issuer);
      const it = await authorize({
        provider: { ...provider, responseMode: "form_post" },
        consumerKey: "app",
        callbackUrl,
        configDir: home.path,
        cache: new MemCache(),
        loginTimeout: 60,
        log: () => {},
        openUrl: (url) => approve(url).then(approved.resolve, approved.reject),
      });
      await approved.promise;
      assert.equal(it.accessToken.valid, true);
      const [post = "", ...more] = posts;
      assert.deepEqual(more, []);
      assert.match(post, /(^|&)code=/);
      const asked = server.requests.find(({ path }) => path === "/auth");
      assert.equal(asked?.parameters["response_mode"], "form_post");
      assert.equal(await page.locator("h1").textContent(), TITLES.success);
      for (const url of await history(page)) assert.doesNotMatch(url, /code=/);
      await it.refresh();
    } finally {
      await context.close();
    }
  });
}
