/** Tests of one file that share a Chromium. */
import { existsSync } from "node:fs";
import type { Browser } from "playwright-core";
import { type TemporaryDirectory, temporaryDirectory } from "../support.ts";
import { CHROMIUM, startChromium } from "./person.ts";

/** The Chromium of a test file, and its tests. */
export interface ChromiumTests {
  /** Chromium, while the tests run. */
  readonly browser: Browser;
  /** A test that needs Chromium, or says that it is not there. */
  readonly test: (name: string, run: () => Promise<void>) => void;
}

/** Starts Chromium before the first test of the file, and ends it after the last. */
export function chromiumTests(): ChromiumTests {
  const ignore = !existsSync(CHROMIUM);
  let browser: Browser | undefined;
  let home: TemporaryDirectory | undefined;
  Deno.test.beforeAll(async () => {
    if (ignore) return;
    home = temporaryDirectory();
    browser = await startChromium(home.path);
  });
  Deno.test.afterAll(async () => {
    await browser?.close();
    await home?.[Symbol.asyncDispose]();
  });
  return {
    get browser() {
      if (browser === undefined) throw new Error("Chromium has not started");
      return browser;
    },
    test: (name, run) =>
      Deno.test({
        name: ignore ? `${name} (ignored: there is no ${CHROMIUM})` : name,
        ignore,
        fn: run,
      }),
  };
}
