// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Wrote `tests/golden/written/`, with the code of commit c2180da:
 *
 *     git worktree add --detach OLD c2180da
 *     deno run -A tests/golden/write.ts OLD
 *
 * All that makes a file is imported from that checkout or run in it, so this
 * needs nothing of the code beside it. It is not to be run again: what was
 * written then is what users have.
 */
import { checkCommit, old, tokens, TREE, write } from "./checkout.ts";
import {
  APP,
  contents,
  KEYS,
  LATER,
  NOW,
  OPENED_BY,
  PASSPHRASE,
  place,
  run,
  SECRET,
  WRITTEN,
} from "./place.ts";
import { writeOld } from "./write_old.ts";
import { writeRedis } from "./write_redis.ts";

const { prepare } = await old("src/context.ts");
const { cachedTokens } = await old("src/authorize.ts");
const { AccessToken } = await old("mod.ts");

await checkCommit();
Deno.removeSync(WRITTEN, { recursive: true });
Deno.mkdirSync(`${WRITTEN}/home`, { recursive: true });

await using home = place({ golden: false });
const { configDir } = home;

/** Runs `tdauth` of the checkout. */
async function tdauth(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const result = await run(home, `${TREE}/cli.ts`, args, env);
  if (result.code !== 0) throw new Error(`${args}: ${result.stderr}`);
  return result.stdout;
}

type Env = Readonly<Record<string, string>>;
const reader = (env: Env) => (name: string) => env[name];

function contextOf(profile: string, env: Env, fetch: unknown) {
  return prepare({
    configDir,
    profile,
    interactive: false,
    now: () => NOW * 1000,
    log: () => {},
    fetch,
  }, { env: reader(env) });
}

/** Stores old tokens for a profile and refreshes them; `fetch` is the broker. */
async function refreshed(
  profile: string,
  fetch: () => Promise<Response> = () => Promise.resolve(granted(profile)),
): Promise<void> {
  const context = await contextOf(profile, {}, fetch);
  await context.cache.save({
    ...tokens(`${profile}-0`, 3600),
    provider: context.provider.id,
    consumerKey: context.app.consumerKey,
  });
  await cachedTokens(context).catch((error: { code?: string }) => {
    if (error.code !== "login_needed") throw error;
  });
}

/** A token answer with the profile's tokens. */
function granted(profile: string): Response {
  return Response.json({
    access_token: `CANARY-golden-access-${profile}`,
    refresh_token: `CANARY-golden-refresh-${profile}`,
    expires_in: 1800,
    token_type: "Bearer",
    scope: "api",
  });
}

const tokenFile = (profile: string) =>
  `${configDir}/${profile === "default" ? APP : `${profile}.${APP}`}`;

// The settings.
const schwab = { provider: "schwab", "callback-url": "https://127.0.0.1:8182" };
const profiles: Record<string, Record<string, string>> = {
  default: { ...schwab, "consumer-key": APP, scope: "api" },
  practice: {
    provider: "tdameritrade",
    "callback-url": "http://127.0.0.1:8080",
    "consumer-key": `${APP}@AMER.OAUTHAP`,
    sandbox: "http://127.0.0.1:8090",
  },
  odd: { ...schwab, "consumer-key": "GOLDEN/APP: 1." },
  issuer: {
    provider: "https://issuer.example",
    "callback-url": "http://127.0.0.1:8080/callback",
    "consumer-key": APP,
  },
};
for (
  const name of [
    ...["shared", "pending", "refused", "pytd"],
    ...["key", "rotated", "passphrase", "keychain"],
  ]
) profiles[name] = { ...schwab, "consumer-key": APP };
for (const [name, settings] of Object.entries(profiles)) {
  await tdauth([
    "configure",
    ...["--profile", name],
    ...Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]),
  ], settings["provider"] === "schwab" ? { TD_CONSUMER_SECRET: SECRET } : {});
}

// A newer tdauth, or the user, has written something of their own beside them.
const config = `${configDir}/config.json`;
const { profiles: kept, ...none } = JSON.parse(Deno.readTextFileSync(config));
Deno.writeTextFileSync(
  config,
  JSON.stringify({ ...none, note: ["the user's own"], profiles: kept }),
);

// The tokens.
for (const name of ["default", "practice", "odd"]) await refreshed(name);
const issuer = await contextOf("issuer", {}, undefined);
await issuer.cache.save({
  ...tokens("issuer", 0, null),
  provider: "https://issuer.example",
  consumerKey: APP,
});
// Another program adds what it needs, and tdauth refreshes after it.
await refreshed("shared");
Deno.writeTextFileSync(
  tokenFile("shared"),
  JSON.stringify({
    note: { of: "another program", list: [1, null, "é"] },
    ...JSON.parse(Deno.readTextFileSync(tokenFile("shared"))),
    id_token: "CANARY-golden-id",
  }),
);
const shared = await contextOf(
  "shared",
  {},
  () => Promise.resolve(granted("shared")),
);
await shared.cache.save({
  ...await shared.cache.load(),
  accessToken: new AccessToken(),
});
await cachedTokens(shared);
// The answer of the broker is lost, twice; and it refuses the refresh token.
await refreshed(
  "pending",
  () => Promise.reject(new TypeError("connection reset by peer")),
);
await refreshed(
  "refused",
  () =>
    Promise.resolve(Response.json({ error: "invalid_grant" }, { status: 400 })),
);
// As pyTD writes it, under the name that it has there.
await refreshed("pytd");
const pytd = await tdauth(["export", "--profile", "pytd", "--format", "pytd"]);
Deno.writeTextFileSync(tokenFile("pytd"), pytd, { mode: 0o600 });

// The seals.
const { startKeyring } = await old("tests/seal/secret_service.ts");
const keyring = await startKeyring();
const before: Record<string, Env> = {
  key: { TD_CACHE_KEY: KEYS.key },
  rotated: { TD_CACHE_KEY: KEYS.key },
  passphrase: { TD_CACHE_PASSPHRASE: PASSPHRASE },
  keychain: keyring.env,
};
for (const [profile, env] of Object.entries(before)) {
  await refreshed(profile);
  const kind = profile === "rotated" ? "key" : profile;
  await tdauth(["configure", "--profile", profile, "--seal", kind], env);
}
const [, id = ""] = /:keychain:([^:]*):/.exec(
  Deno.readTextFileSync(tokenFile("keychain")),
) ?? [];
const lookup = await new Deno.Command("secret-tool", {
  args: ["lookup", "application", "tdauth", "key", id],
  env: keyring.env,
}).output();
write("keychain.json", { id, secret: new TextDecoder().decode(lookup.stdout) });

// The certificate and the record of trust.
await tdauth(["cert", "renew"], { GOLDEN_NOW: String(NOW) });
const { keptCertificate } = await old("src/login/certificate.ts");
const { noteTrust } = await old("src/trust/trust_record.ts");
for (const path of [".pki/nssdb", ".mozilla/firefox/golden.default"]) {
  noteTrust(configDir, keptCertificate(configDir).ca, {
    kind: "nss",
    path: `/home/golden/${path}`,
  });
}

for (const [name, text] of Object.entries(contents(configDir))) {
  Deno.writeTextFileSync(`${WRITTEN}/home/${name}`, text);
}

// What that code says of them.
const said: Record<string, unknown> = {};
for (const profile of Object.keys(profiles)) {
  const env = {
    ...OPENED_BY[profile],
    ...profile === "keychain" && keyring.env,
  };
  const say = async (command: string) => {
    const args = [command, "--json", "--profile", profile];
    const { stdout } = await run(home, `${TREE}/cli.ts`, args, env);
    return JSON.parse(stdout.replaceAll(configDir, "CONFIG_DIR") || "null");
  };
  said[profile] = { status: await say("status"), token: await say("token") };
}
const shown = JSON.parse(await tdauth(["cert", "show", "--json"]));
write("said.json", {
  profiles: said,
  certificate: {
    ...shown,
    path: shown.path.replace(configDir, "CONFIG_DIR"),
    stores: shown.stores.filter(({ path }: { path: string }) =>
      !path.startsWith(home.home)
    ),
  },
});
await keyring[Symbol.asyncDispose]();

await writeRedis();
await writeOld();
console.log(`wrote ${WRITTEN}, to be read at ${LATER}`);
