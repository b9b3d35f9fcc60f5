/** Every preset, whatever it is: a new one is covered by itself. */
import assert from "node:assert/strict";
import { TdauthError } from "../../src/base/errors.ts";
import { checkCallbackUrl } from "../../src/login/callback_url.ts";
import { checkClient } from "../../src/oauth/client.ts";
import { checkProvider } from "../../src/providers/check_provider.ts";
import { providerByName } from "../../src/client/selected_provider.ts";
import {
  assumedPreset,
  bareConsumerKey,
  brokerName,
  presetChoices,
  presetNamed,
  PRESETS,
} from "../../src/providers/presets.ts";
import { SETTINGS } from "../../src/settings/setting_table.ts";

const PRACTICE = "http://127.0.0.1:4280";

for (const preset of PRESETS) {
  const { key, name } = preset;

  Deno.test(`providerByName() finds ${key} in any case, without a request`, async () => {
    const named = providerByName({ provider: key.toUpperCase() });
    assert.deepEqual([named.id, named.key, named.name], [key, key, name]);
    assert.equal(named.preset?.key, key);
    assert.deepEqual(await named.get(), named.known);
    assert.equal(named.known?.id, key);
    assert.deepEqual(named.known, preset.provider());
    const scoped = providerByName({ provider: key, scope: "more" });
    assert.equal(scoped.known?.scope, "more");
  });

  Deno.test(`providerByName() tells ${key} at the practice broker from the real one`, () => {
    const { known, id, key: same } = providerByName({
      provider: key,
      sandbox: PRACTICE,
    });
    assert.equal(same, key);
    assert.equal(id, `${key}@127.0.0.1:4280`);
    assert.equal(known?.closed, undefined);
    for (
      const url of [
        known?.authorizationEndpoint,
        known?.tokenEndpoint,
        known?.revocationEndpoint,
        known?.apiOrigin,
      ]
    ) {
      if (url !== undefined) assert.equal(new URL(url).origin, PRACTICE);
    }
  });

  Deno.test(`the preset ${key} agrees with itself`, () => {
    const provider = preset.provider();
    assert.match(key, /^[a-z][a-z0-9]*$/);
    assert.notEqual(name, key);
    // A line of configure's list, in a terminal of 80 columns.
    assert.match(preset.about, /^[A-Z].*[a-z]\.$/);
    assert.ok(`  ${key.padEnd(12)}  ${name}. ${preset.about}`.length <= 80);
    checkProvider(provider);
    // What configure suggests works without a warning.
    assert.deepEqual(
      checkCallbackUrl(preset.exampleCallbackUrl, provider).warnings,
      [],
    );
    const app = { consumerKey: "KEY" };
    const refused = (() => {
      try {
        checkClient(provider, app);
        return false;
      } catch (error) {
        assert.ok(error instanceof TdauthError);
        return true;
      }
    })();
    assert.equal(refused, preset.secret === "needed");
    assert.equal(
      provider.clientAuthentication === "none",
      preset.secret === "none",
    );
    // An app can be registered where the broker still takes any.
    assert.equal(preset.portal === undefined, provider.closed !== undefined);
    assert.equal(
      bareConsumerKey(`KEY${provider.consumerKeySuffix ?? ""}`),
      "KEY",
    );
  });

  Deno.test(`the help of --provider names ${key}, and .env may choose it`, () => {
    assert.ok(SETTINGS.provider.help.includes(key));
    assert.ok(SETTINGS.provider.trust.harmless.is(key));
  });
}

Deno.test("assumedPreset() has one preset for apps with a secret, and one for those without", () => {
  const assumed = PRESETS.flatMap(({ assumedFor }) => assumedFor ?? []);
  assert.deepEqual(assumed.sort(), ["no secret", "secret"]);
  for (const hasSecret of [true, false]) {
    const preset = assumedPreset(hasSecret);
    assert.notEqual(preset.secret, hasSecret ? "none" : "needed");
    const secret = hasSecret ? { consumerSecret: "SECRET" } : {};
    assert.equal(providerByName(secret).key, preset.key);
  }
});

Deno.test("presetNamed() finds only presets, and brokerName() names anything", () => {
  for (const name of ["etrade", "", "__proto__", "toString", "default"]) {
    assert.equal(presetNamed(name), undefined);
  }
  assert.equal(brokerName("schwab"), "Charles Schwab");
  assert.equal(brokerName("https://id.example"), "https://id.example");
  assert.equal(
    presetChoices("an issuer's URL"),
    `${PRESETS.map(({ key }) => key).join(", ")} or an issuer's URL`,
  );
});
