/** The commands of docs/providers.md, each tried at a server that deviates as its provider does. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { authorize } from "../../mod.ts";
import { commandsIn, wordsOf } from "../command_lines.ts";
import { tdauth } from "../interop/command.ts";
import { reservePort, temporaryDirectory } from "../support.ts";
import {
  type Deviation,
  DEVIATIONS,
  type StandIn,
  standIn,
} from "./stand_in.ts";

const DOCUMENT = Deno.readTextFileSync(
  fileURLToPath(new URL("../../docs/providers.md", import.meta.url)),
);

/** The words of a provider's command in the document, without `tdauth`. */
function recipe(name: string): readonly string[] {
  const section = DOCUMENT.split(/^## /m)
    .find((part) => part.startsWith(`${name}\n`)) ?? "";
  const [command] = commandsIn(section);
  assert.ok(command !== undefined, `no command for ${name}`);
  return wordsOf(command.line);
}

/** A provider's stand-in, and a home directory where its command was run. */
interface Place extends AsyncDisposable {
  readonly server: StandIn;
  /** Logs in as a script does whose user approves everything. */
  login(): ReturnType<typeof authorize>;
  /** The profile that was saved. */
  readonly profile: Readonly<Record<string, string>>;
}

async function place(
  deviation: Deviation,
  change: (words: readonly string[]) => readonly string[] = (words) => words,
): Promise<Place> {
  await using stack = new AsyncDisposableStack();
  const home = stack.use(temporaryDirectory()).path;
  const { port } = stack.use(reservePort());
  const server = stack.use(standIn(deviation));
  const words = change(recipe(deviation.name)).map((word) =>
    word.replace(deviation.at, server.origin)
      .replace(/^(http:\/\/[\w.]+):8080$/, `$1:${port}`)
  );
  const { code, stderr } = await tdauth(words, {
    home,
    env: deviation.secret === undefined ? {} : { TD_CONSUMER_SECRET: "SECRET" },
  });
  assert.equal(code, 0, stderr);
  const configDir = `${home}/tdauth`;
  const config = JSON.parse(Deno.readTextFileSync(`${configDir}/config.json`));
  const all = stack.move();
  return {
    server,
    profile: config.profiles.default,
    login: () =>
      authorize({
        configDir,
        loginTimeout: 20,
        log: () => {},
        openUrl: async (url) => void await (await fetch(url)).body?.cancel(),
      }),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

for (const deviation of DEVIATIONS) {
  Deno.test(`the command for ${deviation.name} in docs/providers.md is enough for a login and refreshes`, async () => {
    await using it = await place(deviation);
    const td = await it.login();
    assert.match(td.accessToken.token ?? "", /^ACCESS/);
    const withIdentity = it.profile["scope"]?.includes("openid") ?? false;
    assert.equal(td.claims?.sub, withIdentity ? "USER" : undefined);
    for (let refreshes = 1; refreshes <= 2; refreshes++) {
      const before = td.accessToken.token;
      await td.refresh();
      assert.notEqual(td.accessToken.token, before);
      assert.equal(it.server.grants.length, 1 + refreshes);
    }
    assert.equal(it.server.logins.length, 1);
  });
}

/** What of a command its provider needs or is better with, and what happens without it. */
const NEEDED: readonly (readonly [string, string, string])[] = [
  ["Google", "access_type=offline", "no refresh token"],
  ["Google", "prompt=consent", "no refresh token"],
  ["Microsoft Entra", "prompt=select_account", "login_failed"],
  ["Auth0", "audience=https://api.example.com", "login_denied"],
  // It is found by a second request.
  ["GitHub", "client_secret_post", "a login"],
];
for (const [name, value, expected] of NEEDED) {
  const deviation = DEVIATIONS.find((one) => one.name === name);
  assert.ok(deviation !== undefined);
  Deno.test(`the command for ${name} needs ${value}`, async () => {
    await using it = await place(deviation, (words) => {
      const at = words.indexOf(value);
      assert.ok(at > 0, value);
      return [...words.slice(0, at - 1), ...words.slice(at + 1)];
    });
    const outcome = await it.login().then(
      ({ refreshToken }) => refreshToken.valid ? "a login" : "no refresh token",
      (error) =>
        /no refresh token/.test(error.message)
          ? "no refresh token"
          : error.code,
    );
    assert.equal(outcome, expected);
  });
}

Deno.test("tdauth configure keeps what its flags say of a provider, form-encoded, until another one is named", async () => {
  const deviation = DEVIATIONS.find(({ name }) => name === "Google");
  assert.ok(deviation !== undefined);
  await using it = await place(deviation, (words) => [
    ...words,
    ...["--auth-param", "login_hint=a+b@c.example", "--pkce", "false"],
    ...["--refresh-param", "x=y&z", "--client-auth", "client_secret_post"],
  ]);
  assert.deepEqual(it.profile, {
    provider: it.server.origin,
    consumerKey: "CLIENT_ID",
    consumerSecret: "SECRET",
    callbackUrl: it.profile["callbackUrl"],
    scope: "openid https://www.googleapis.com/auth/calendar.readonly",
    apiOrigin: "https://www.googleapis.com",
    clientAuthentication: "client_secret_post",
    pkce: "false",
    authorizationParameters:
      "access_type=offline&prompt=consent&login_hint=a%2Bb%40c.example",
    refreshParameters: "x=y%26z",
  });
  const td = await it.login();
  await td.refresh();
  const [asked] = it.server.logins;
  assert.equal(asked?.["login_hint"], "a+b@c.example");
  assert.equal(asked?.["code_challenge"], undefined);
  assert.equal(it.server.grants.at(-1)?.["x"], "y&z");
  assert.equal(it.server.grants.at(-1)?.["client_secret"], "SECRET");
});
