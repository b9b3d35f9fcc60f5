/** A week in minutes: seven days of the practice broker's clock, as a person hears of them. */
import assert from "node:assert/strict";
import {
  authorize,
  type AuthorizeOptions,
  beginLogin,
  DiskCache,
  finishLogin,
  TdauthError,
} from "../../mod.ts";
import { prepare } from "../../src/client/context.ts";
import { parseHooks } from "../../src/hooks/parse_hooks.ts";
import { createNotifier, type Notifier } from "../../src/hooks/notifier.ts";
import { startSandbox } from "../../src/sandbox/mod.ts";
import { loginNeededIn } from "../../src/token/token.ts";
import { only, temporaryDirectory } from "../support.ts";
import { DAY, HOUR, START } from "./accounts.ts";
import { recorder } from "./scripts.ts";

/** How often a program asks for a token, and the keeper looks, in seconds. */
const STEP = HOUR;

Deno.test({
  ...only(
    "Unix",
    "a week of a Schwab login is told at 48, 24 and 2 hours, when it ends and when the next one begins, each once, whatever is restarted",
  ),
  async fn() {
    await using directory = temporaryDirectory();
    const clock = { seconds: START };
    const now = () => clock.seconds * 1000;
    await using sandbox = await startSandbox({ now });
    const options = {
      ...sandbox.app,
      sandbox: sandbox.url,
      cache: new DiskCache(`${directory.path}/tokens`, "APP", { now }),
      now,
      log: () => {},
      interactive: false,
    } satisfies AuthorizeOptions;
    const logIn = async () => {
      const { authorizationUrl } = await beginLogin(options);
      const address = await sandbox.approveAndCopy(authorizationUrl);
      await finishLogin(address, options);
    };
    const hook = recorder(directory.path);
    const hooks = parseHooks([{ run: hook.run }], "config.json");
    const warnings: string[] = [];
    const start = (): Notifier =>
      createNotifier({
        hooks: () => hooks,
        directory: `${directory.path}/tokens`,
        log: (_level, message) => void warnings.push(message),
        now,
        fetch,
        stays: true,
      });
    let notifier = start();
    const context = await prepare(options);
    let refreshes = 0;
    /** What was told, with the hours that were left then. */
    const told: [string, number][] = [];
    /** A program asks for a token; then the account is looked at. */
    const step = async () => {
      clock.seconds += STEP;
      const { accessToken } = await context.cache.load();
      await authorize(options).catch((error) => {
        // Nothing but the end of the login may be in the way.
        assert.ok(error instanceof TdauthError);
        assert.equal(error.code, "login_needed");
      });
      const tokens = await context.cache.load();
      if (tokens.accessToken.accessTime > accessToken.accessTime) refreshes++;
      const events = await notifier.look({
        profile: "default",
        provider: "schwab",
        tokens,
      });
      for (const { event } of events) {
        if (event === "refreshed") continue;
        told.push([event, loginNeededIn(tokens) / HOUR]);
        // A restart as the hook has run, and one before the next look.
        await notifier[Symbol.asyncDispose]();
        notifier = start();
      }
    };
    await logIn();
    for (let at = 0; at < 7 * DAY / STEP; at++) await step();

    assert.equal(clock.seconds, START + 7 * DAY);
    assert.ok(refreshes > 160, `${refreshes}`);
    const granted = sandbox.requests.filter(({ grantType, status }) =>
      grantType === "refresh_token" && status === 200
    );
    assert.equal(granted.length, refreshes);
    assert.deepEqual(told, [
      ["login_due", 48],
      ["login_due", 24],
      ["login_due", 2],
      ["login_needed", 0],
    ]);

    for (let at = 0; at < 4; at++) await step();
    assert.equal(told.length, 4);
    await logIn();
    await step();
    assert.deepEqual(told.slice(4), [["logged_in", 7 * 24 - STEP / HOUR]]);
    for (let at = 0; at < 2 * DAY / STEP; at++) await step();
    assert.equal(told.length, 5);

    await notifier[Symbol.asyncDispose]();
    const due = START + 7 * DAY;
    const next = due + 5 * STEP - STEP + 7 * DAY;
    assert.deepEqual(hook.lines(), [
      ...["login_due", "login_due", "login_due", "login_needed"].map((event) =>
        `${event} default schwab ${due}`
      ),
      `logged_in default schwab ${next}`,
    ]);
    assert.deepEqual(warnings, []);
    const { accessToken, refreshToken } = await context.cache.load();
    const kept = Deno.readTextFileSync(`${directory.path}/tokens/.hooks.json`);
    for (const { token } of [accessToken, refreshToken]) {
      assert.ok(token);
      assert.ok(!hook.seen().includes(token));
      assert.ok(!kept.includes(token));
    }
  },
});
