/** What reaches a terminal: of a broker's, a file's and a name's text no control character (line 59). */
import assert from "node:assert/strict";
import { run } from "../../src/cli/program.ts";
import { realIo } from "../../src/cli/terminal/io.ts";
import { onScreen, styleOf } from "../../src/cli/terminal/style.ts";
import { shown } from "../../src/base/shown.ts";
import { temporaryDirectory } from "../support.ts";

/** Sets the title, colors, reverses what follows, and does it all again in C1. */
const HOSTILE = "\x1b]0;pwned\x07\x1b[31mred\x9b2J\x7f\u202egnp\u2066\x08";
/** The same in a name, which is shown as it was typed. */
const NAME = "pwned\x1b[2J\x9b2J\x7f\u202e";
const NOW = Date.UTC(2026, 10, 30);
const SECONDS = NOW / 1000;
const ISSUER = "https://login.example.com";

/** What a user's machine and the broker have to say. */
interface Scene {
  readonly args: readonly string[];
  readonly profile?: Readonly<Record<string, string>>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly tokens?: Readonly<Record<string, unknown>>;
  readonly answer?: () => Response;
  /** Whether what is hostile is shown at all; where a setting is refused it is not. */
  readonly hides?: boolean;
}

const PROFILE = {
  consumerKey: "KEY",
  provider: "tdameritrade",
  callbackUrl: "http://127.0.0.1:8080",
};
const TOKENS = {
  access_token: { token: "A", access_time: SECONDS, expires_in: 1800 },
  refresh_token: { token: "R", access_time: SECONDS, expires_in: 604_800 },
};
const refused = { time: SECONDS, reason: `no ${HOSTILE}` };
const json = (value: unknown, init?: ResponseInit) => () =>
  new Response(JSON.stringify(value), {
    headers: { "content-type": "application/json" },
    ...init,
  });

const SCENES: Readonly<Record<string, Scene>> = {
  "an unknown command": { args: [HOSTILE] },
  "an unknown flag": { args: ["status", `--${HOSTILE}`] },
  "a profile's name": { args: ["status", "--profile", HOSTILE], hides: true },
  "a provider of the profile": {
    args: ["status"],
    profile: { ...PROFILE, provider: `x${HOSTILE}` },
    hides: true,
  },
  "a profile's name in config.json": {
    args: ["logout", "--all"],
    config: { profiles: { default: PROFILE, [`x${HOSTILE}`]: PROFILE } },
  },
  "a key of config.json": {
    args: ["doctor", "--offline"],
    config: { profiles: { default: PROFILE }, [HOSTILE]: 1 },
  },
  "a key of a profile that is no text": {
    args: ["token"],
    config: { profiles: { default: { ...PROFILE, [HOSTILE]: 1 } } },
  },
  "a seal of the profile": {
    args: ["status"],
    profile: { ...PROFILE, seal: HOSTILE },
  },
  "the reason of a refusal in the token file": {
    args: ["status"],
    tokens: { ...TOKENS, access_token: null, refresh_refused: refused },
  },
  "the provider in the token file": {
    args: ["logout"],
    tokens: { ...TOKENS, provider: HOSTILE },
  },
  "the access token": {
    args: ["token"],
    tokens: {
      ...TOKENS,
      access_token: { ...TOKENS.access_token, token: `A${HOSTILE}` },
    },
  },
  "the origin of the API in the token file": {
    args: ["status"],
    profile: { ...PROFILE, provider: "questrade" },
    tokens: { ...TOKENS, api_origin: `https://x/${HOSTILE}` },
    hides: true,
  },
  "a broker's error": {
    args: ["refresh"],
    answer: json({ error: "odd", error_description: HOSTILE }, { status: 400 }),
  },
  "a broker's error code": {
    args: ["refresh"],
    answer: json({ error: HOSTILE }, { status: 400 }),
  },
  "another issuer in the metadata": {
    args: ["refresh"],
    profile: { ...PROFILE, provider: ISSUER },
    tokens: { ...TOKENS, provider: ISSUER },
    answer: json({ issuer: `${ISSUER}/${HOSTILE}` }),
  },
  "the ways to authenticate in the metadata": {
    args: ["refresh"],
    profile: { ...PROFILE, provider: ISSUER },
    tokens: { ...TOKENS, provider: ISSUER },
    answer: json({
      issuer: ISSUER,
      token_endpoint_auth_methods_supported: [HOSTILE],
    }),
  },
  "the scope in the token file": {
    args: ["export", "--format", "tdauth"],
    tokens: { ...TOKENS, scope: `api ${HOSTILE}` },
  },
  // What only the last step before the terminal takes out of it.
  "an exported file's name": {
    args: ["export", "--format", "tdauth", "-o", `HOME/${NAME}`],
  },
  "an imported file's name": { args: ["import", `${HOSTILE}.json`] },
  "a URL to fetch": {
    args: ["fetch", `https://x.example/${HOSTILE}`],
    hides: true,
  },
  "a path to fetch that is not there": {
    args: ["fetch", `/${HOSTILE}`],
    answer: () => new Response("", { status: 404 }),
  },
  "a response": { args: ["fetch", "/x"], answer: () => new Response(HOSTILE) },
  "a response of JSON": {
    args: ["fetch", "/x"],
    answer: json({ [HOSTILE]: [HOSTILE] }),
  },
  "a response of broken JSON": {
    args: ["fetch", "/x"],
    answer: () =>
      new Response(`{"a": ${HOSTILE}`, {
        headers: { "content-type": "application/json" },
      }),
  },
  "a response's headers": {
    args: ["fetch", "-i", "/x"],
    answer: () =>
      new Response("x", {
        headers: { "x-odd": "pwned\x9b2J\x7f\x1b[31mred" },
      }),
  },
};

/** Runs the whole program on a terminal. */
async function onTerminal(
  scene: Scene,
  more: readonly string[] = [],
): Promise<{ out: string; err: string }> {
  await using home = temporaryDirectory();
  const directory = `${home.path}/tdauth`;
  Deno.mkdirSync(directory, { mode: 0o700 });
  const write = (name: string, value: unknown) =>
    Deno.writeTextFileSync(`${directory}/${name}`, JSON.stringify(value), {
      mode: 0o600,
    });
  const { profile = PROFILE } = scene;
  write("config.json", scene.config ?? { profiles: { default: profile } });
  write("KEY", {
    provider: "tdameritrade",
    ...(scene.tokens ?? TOKENS),
    consumer_key: "KEY",
  });
  const variables: Record<string, string> = {
    HOME: home.path,
    TD_CONFIG_DIR: directory,
    TERM: "xterm",
  };
  const printed = { out: "", err: "" };
  const decoder = new TextDecoder();
  await run({
    ...realIo(
      [...scene.args, ...more].map((one) => one.replace("HOME", home.path)),
      (name) => variables[name],
      new AbortController().signal,
    ),
    out: (text) => void (printed.out += text),
    outBytes: (bytes) => {
      printed.out += decoder.decode(bytes);
      return Promise.resolve();
    },
    err: (text) => void (printed.err += text),
    terminal: { in: false, out: true, err: true },
    now: () => NOW,
    fetch: () =>
      Promise.resolve(scene.answer?.() ?? new Response("", { status: 404 })),
  });
  return printed;
}

/** A text without what tdauth itself writes beside text. */
function withoutOwn(text: string): string {
  // deno-lint-ignore no-control-regex -- the colors
  return text.replaceAll(/\x1b\[(?:[0-2]|22|3[1236]|39)m/g, "");
}

for (const [where, scene] of Object.entries(SCENES)) {
  for (const more of [[], ["--verbose"], ["--json"]]) {
    Deno.test(`tdauth ${scene.args[0] === HOSTILE ? "" : scene.args[0]} ${more} lets no control character of ${where} reach a terminal (line 59)`, async () => {
      const { out, err } = await onTerminal(scene, more);
      const both = out + err;
      assert.notEqual(both, "");
      if (!scene.hides) assert.match(both, /pwned/, "it was not tried");
      // Its color is one of tdauth's own: it must be gone before.
      assert.ok(!both.includes("\x1b[31mred"), JSON.stringify(both));
      for (const text of [out, err].map(withoutOwn)) {
        assert.equal(text, shown(text));
      }
      if (more[0] !== "--json" || out === "") return;
      // Escaped, so that the value is the one that it was.
      const { output } = JSON.parse(out);
      if (output !== undefined) assert.ok(output.endsWith(`/${NAME}`), out);
    });
  }
}

Deno.test("onScreen() leaves tdauth's colors and nothing else of control characters", () => {
  const io = realIo([], () => undefined, new AbortController().signal);
  const style = styleOf(
    { ...io, terminal: { in: true, out: true, err: true } },
    "err",
  );
  const painted = Object.values(style).map((paint) => paint("text")).join(" ");
  assert.ok(painted.includes("\x1b"));
  const qr = "\x1b[38;5;16;48;5;231m▀\x1b[0m";
  const live = `\r\x1b[KWaiting\t${painted}\n${qr}\n`;
  assert.equal(onScreen(live), live);
  for (
    const one of ["\r", "\x1b", "\x1b[2J", "\x1b[5m", "\x9b31m", "\x1b]8;;x"]
  ) {
    assert.equal(onScreen(`a${one}b`), `a${shown(one)}b`);
  }
});
