import assert from "node:assert/strict";
import {
  type CallbackPage,
  renderCallbackPage,
} from "../../src/login/callback_page.ts";

const NOW = new Date(2026, 10, 23, 10, 0, 0);
const ABOUT = { broker: "Charles Schwab", app: "abcd…wxyz" };

async function text(page: CallbackPage): Promise<string> {
  const { html } = await renderCallbackPage(page);
  return html.replace(/<style>.*<\/style>/s, "").replace(/<[^>]+>/g, "");
}

function nextLogin(at: Date): Promise<string> {
  return text({ kind: "success", ...ABOUT, nextLogin: at, now: NOW });
}

Deno.test("renderCallbackPage() says what happened, for which broker and app, and that the tab may be closed", async () => {
  const success = await text({ kind: "success", ...ABOUT, profile: "family" });
  for (
    const part of [
      "You are logged in",
      "Charles Schwab",
      "abcd…wxyz",
      "family",
      "You can close this tab",
      "does not state when",
    ]
  ) assert.ok(success.includes(part), part);
  const denied = await text({ kind: "denied", ...ABOUT });
  assert.match(denied, /Access was denied/);
  assert.match(denied, /Charles Schwab.*close this tab/s);
  const failed = await text({
    kind: "failed",
    ...ABOUT,
    message: "Cannot reach the broker: no network",
    hint: "try again with: tdauth login",
  });
  assert.match(failed, /Cannot reach the broker: no network\./);
  assert.match(failed, /What to do: Try again with: tdauth login\n/);
  assert.match(
    await text({ kind: "rejected", reason: "wrong_state" }),
    /The state does not match.*still waiting/s,
  );
  assert.match(await text({ kind: "waiting" }), /Nothing has arrived yet/);
});

Deno.test("renderCallbackPage() says how long until the next login, and when", async () => {
  assert.match(
    await nextLogin(new Date(2026, 10, 30, 9, 59, 59)),
    /You will have to log in again in 7\u00a0days, on Monday 30 November 2026 at 9:59\./,
  );
  assert.match(
    await nextLogin(new Date(2027, 1, 21, 10)),
    /in 90\u00a0days, on Sunday 21 February 2027 at 10:00\./,
  );
  assert.match(
    await nextLogin(new Date(2026, 10, 24, 9, 5)),
    /in 23\u00a0hours, on Tuesday 24 November 2026 at 9:05\./,
  );
  assert.match(
    await nextLogin(new Date(2026, 10, 23, 10, 1)),
    /in 1\u00a0minute, at 10:01\./,
  );
  assert.match(await nextLogin(new Date(0)), /in 0\u00a0minutes/);
  assert.match(await nextLogin(new Date(NaN)), /does not state when/);
});

Deno.test("renderCallbackPage() shows an error_description with markup inert", async () => {
  const nasty =
    `<script>alert(1)</script><img src=x onerror="alert('2')">&amp;</q></main>`;
  const pages: readonly CallbackPage[] = [
    { kind: "denied", broker: nasty, app: nasty, description: nasty },
    {
      kind: "success",
      broker: nasty,
      app: nasty,
      profile: nasty,
    },
    { kind: "failed", broker: nasty, app: nasty, message: nasty, hint: nasty },
  ];
  for (const page of pages) {
    const { html } = await renderCallbackPage(page);
    assert.doesNotMatch(html, /<script|<img|onerror="|&amp;/);
    assert.ok(html.includes("&#60;script&#62;alert(1)&#60;/script&#62;"));
    assert.equal(html.split("</main>").length, 2);
  }
});

Deno.test("renderCallbackPage() returns a document that phones, dark screens and screen readers can use", async () => {
  const { html, status, headers } = await renderCallbackPage({
    kind: "waiting",
  });
  assert.equal(status, 400);
  assert.equal(headers.get("content-type"), "text/html; charset=utf-8");
  assert.match(html, /^<!DOCTYPE html>\n<html lang="en">/);
  assert.match(html, /<meta name="viewport" content="width=device-width/);
  assert.match(html, /<title>Waiting for your broker – tdauth<\/title>/);
  assert.match(html, /prefers-color-scheme:dark/);
  assert.match(html, /<svg [^>]*aria-hidden="true"/);
});

Deno.test("renderCallbackPage() uses colours that can be read, in light and dark", async () => {
  const { html } = await renderCallbackPage({ kind: "waiting" });
  const palettes = [...html.matchAll(/:root\{([^}]*)\}/g)].map((
    [, body = ""],
  ) =>
    Object.fromEntries(
      [...body.matchAll(/--(\w+):(#\w+)/g)].map(([, name, hex]) => [name, hex]),
    )
  );
  assert.equal(palettes.length, 2);
  for (const palette of palettes) {
    assert.ok(contrast(palette.text, palette.card) >= 7);
    assert.ok(contrast(palette.soft, palette.card) >= 4.5); // WCAG 2.2 AA
    for (const mark of [palette.good, palette.bad, palette.wait]) {
      assert.ok(contrast(mark, palette.card) >= 3);
    }
  }
});

function contrast(one = "", other = ""): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)]
    .sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const digits = hex.length === 4 ? hex.replace(/\w/g, "$&$&") : hex;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = parseInt(digits.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
