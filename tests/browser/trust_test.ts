/** Chromium's own judgement of the certificate, before and after `tdauth cert trust`: no exception is clicked, none is configured. */
import assert from "node:assert/strict";
import { TITLES } from "../../src/login/callback_page.ts";
import { existsSync } from "node:fs";
import type { Browser } from "playwright-core";
import {
  generateEphemeralKeys,
  makeWith,
} from "../../src/certificate/local_ca.ts";
import { nssStore } from "../../src/certificate/nss_store.ts";
import { verifyAuthority } from "../../src/certificate/verify_authority.ts";
import { type Machine, startMachine } from "../cli/machine.ts";
import { signUnder } from "../certificate/local_ca_support.ts";
import { reservePort, temporaryDirectory } from "../support.ts";
import { certutilMissing, run } from "../certificate/nss_support.ts";
import {
  CHROMIUM,
  heading,
  newPerson,
  startChromium,
  typePassword,
} from "./person.ts";

const missing = !existsSync(CHROMIUM)
  ? CHROMIUM
  : certutilMissing
  ? "certutil"
  : undefined;

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: missing ? `${name} (ignored: there is no ${missing})` : name,
    ignore: missing !== undefined,
    fn,
  });
}

/** Runs `tdauth login` with a person at Chromium, who goes past nothing; gives what the browser says instead of the last page, if so. */
async function logIn(
  machine: Machine,
  browser: Browser,
): Promise<string | undefined> {
  const login = machine.start(["login", "--no-browser", "--force"], {
    env: machine.appEnv,
  });
  const [, url = ""] = await login.sees(/^ {2}(http\S+)$/m);
  await login.sees(/^Waiting /m);
  await using person = await newPerson(browser);
  const { page } = person;
  await page.goto(url);
  await typePassword(page, machine.sandbox);
  const refused = Promise.withResolvers<string>();
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText ?? "";
    if (request.isNavigationRequest() && why.includes("CERT")) {
      refused.resolve(why);
    }
  });
  await page.getByRole("button", { name: "Allow" })
    .click({ noWaitAfter: true });
  const why = await Promise.race([
    refused.promise,
    heading(page, TITLES.success).then(() => undefined),
  ]);
  if (why === undefined) {
    const { code, stderr } = await login.result;
    assert.equal(code, 0, stderr);
    assert.deepEqual(person.complaints, []);
  } else {
    login.kill("SIGINT");
    assert.equal((await login.result).code, 4);
  }
  return why;
}

for (const host of ["127.0.0.1", "localhost"]) {
  test(`tdauth cert trust lets Chromium complete a login at https://${host} without a warning, and after tdauth cert untrust it warns again`, async () => {
    await using machine = await startMachine({ host });
    const tdauth = async (...args: string[]) => {
      const { code, stderr } = await machine.run(args, { env: machine.appEnv });
      assert.equal(code, 0, stderr);
    };
    const outcomes = [];
    for (const action of [undefined, "trust", "renew", "untrust"]) {
      if (action === "trust") await tdauth("cert", "trust", "--yes");
      if (action === "renew") await tdauth("cert", "renew", "--yes");
      if (action === "untrust") await tdauth("cert", "untrust");
      const browser = await startChromium(machine.home);
      try {
        outcomes.push(await logIn(machine, browser));
      } finally {
        await browser.close();
      }
    }
    const refused = "net::ERR_CERT_AUTHORITY_INVALID";
    assert.deepEqual(outcomes, [refused, undefined, undefined, refused]);
  });
}

test("a leaf for another name under a trusted CA of makeLocalCertificate() is refused by Chromium", async () => {
  await using home = temporaryDirectory();
  const caKeys = await generateEphemeralKeys();
  const now = Math.floor(Date.now() / 1000);
  const { ca, cert, key } = await makeWith(caKeys, now);
  const store = nssStore(`${home.path}/.pki/nssdb`, run);
  await store.add(await verifyAuthority({ ca, cert }, now), "");
  const tls = [
    { cert, key },
    await signUnder(ca, caKeys, ["dns:localhost"]),
    await signUnder(ca, caKeys, ["dns:example.test"]),
    await signUnder(ca, caKeys, ["dns:localhost", "dns:example.test"]),
  ];
  await using stack = new AsyncDisposableStack();
  const ports = tls.map((own) => {
    const { port } = stack.use(reservePort());
    stack.use(
      Deno.serve(
        { hostname: "127.0.0.1", port, ...own, onListen() {} },
        () => new Response("reached"),
      ),
    );
    return port;
  });
  const browser = await startChromium(home.path, [
    "--host-resolver-rules=MAP example.test 127.0.0.1",
  ]);
  stack.defer(() => browser.close());
  await using person = await newPerson(browser);
  const visit = (url: string) =>
    person.page.goto(url).then(
      async (response) => await response?.text(),
      (error: Error) => /net::\w+/.exec(error.message)?.[0],
    );
  const [made, same, other, both] = ports;
  assert.deepEqual(
    [
      await visit(`https://localhost:${made}/`),
      await visit(`https://127.0.0.1:${made}/`),
      await visit(`https://localhost:${same}/`),
      await visit(`https://example.test:${other}/`),
      await visit(`https://example.test:${both}/`),
      await visit(`https://localhost:${both}/`),
      await visit(`https://example.test:${made}/`),
    ],
    [
      "reached",
      "reached",
      "reached",
      "net::ERR_CERT_INVALID",
      "net::ERR_CERT_INVALID",
      "net::ERR_CERT_INVALID",
      "net::ERR_CERT_COMMON_NAME_INVALID",
    ],
  );
});
