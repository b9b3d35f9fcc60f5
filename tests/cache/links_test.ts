/** Token and configuration files that are links. */
import assert from "node:assert/strict";
import {
  AccessToken,
  DiskCache,
  formatTokens,
  noTokens,
  RefreshToken,
} from "../../mod.ts";
import { readConfig } from "../../src/settings/config_file.ts";
import { saveProfile } from "../../src/settings/save_profile.ts";
import { failsWith, only, temporaryDirectory } from "../support.ts";
import { owning } from "../mounts.ts";

/** A directory with a link in it to a token file elsewhere. */
function linked(text = tokens("OLD")) {
  const directory = temporaryDirectory();
  const [config, elsewhere] = [`${directory.path}/c`, `${directory.path}/e`];
  for (const path of [config, elsewhere]) Deno.mkdirSync(path, { mode: 0o700 });
  const target = `${elsewhere}/real`;
  Deno.writeTextFileSync(target, text, { mode: 0o600 });
  Deno.symlinkSync("../e/real", `${config}/tokens`);
  const names = () =>
    [...Deno.readDirSync(elsewhere)].map(({ name }) => name).sort();
  return { directory, config, elsewhere, target, names };
}

const tokens = (token: string) =>
  formatTokens({
    ...noTokens(),
    accessToken: new AccessToken({ token: `A-${token}`, expiresIn: 60 }),
    refreshToken: new RefreshToken({ token: `R-${token}`, expiresIn: 60 }),
  });

const isLink = (path: string) => Deno.lstatSync(path).isSymlink;

Deno.test(
  only(
    "Unix",
    "DiskCache writes through a link to the user's own token file, whatever writes (line 66)",
  ),
  async () => {
    const { directory, config, target, names } = linked();
    await using _directory = directory;
    const cache = new DiskCache(config, "tokens");
    const steps: Readonly<Record<string, () => unknown>> = {
      refresh: () => cache.write(tokens("NEW"), { kind: "refresh" }),
      login: () => cache.write(tokens("LOGIN"), { kind: "login" }),
      journal: () => cache.write(tokens("MARK"), { kind: "journal" }),
      property: () => {
        cache.refreshToken = new RefreshToken({ token: "R-SET", expiresIn: 9 });
      },
      reserved: async () => {
        using _room = await cache.reserve("login");
        await cache.write(tokens("RESERVED"), { kind: "login" });
      },
      clear: () => cache.clear(),
    };
    for (const [step, run] of Object.entries(steps)) {
      const before = cache.refreshToken.token ?? "none";
      await run();
      assert.ok(isLink(cache.path), step);
      const text = Deno.readTextFileSync(target);
      assert.equal(text, await cache.read(), step);
      assert.ok(!text.includes(before), `${step}: an old token stayed behind`);
      assert.equal((Deno.statSync(target).mode ?? 0) & 0o777, 0o600, step);
      assert.deepEqual(names(), ["real"], step);
    }
  },
);

Deno.test(
  only(
    "Unix",
    "DiskCache follows links to links, and restricts what they lead to",
  ),
  async () => {
    const { directory, config, target } = linked();
    await using _directory = directory;
    Deno.symlinkSync(`${config}/tokens`, `${config}/again`);
    Deno.chmodSync(target, 0o644);
    const cache = new DiskCache(config, "again", { open: "protect" });
    assert.equal((Deno.statSync(target).mode ?? 0) & 0o777, 0o600);
    await cache.write(tokens("NEW"), { kind: "refresh" });
    assert.ok(isLink(`${config}/again`) && isLink(`${config}/tokens`));
    assert.equal(Deno.readTextFileSync(target), tokens("NEW"));
  },
);

Deno.test(
  only(
    "Unix",
    "DiskCache leaves a link, and what it leads to, that is another program's",
  ),
  async () => {
    const { directory, config, target } = linked("ssh-ed25519 AAAA me");
    await using _directory = directory;
    const cache = new DiskCache(config, "tokens", { open: "protect" });
    for (
      const write of [
        () => cache.write(tokens("NEW"), { kind: "refresh" }),
        () => cache.clear(),
        () => cache.reserve("login"),
      ]
    ) {
      const { message } = await failsWith("cache_unreadable", write());
      assert.match(message, /it contains something else/);
    }
    assert.ok(isLink(cache.path));
    assert.equal(Deno.readTextFileSync(target), "ssh-ed25519 AAAA me");
  },
);

Deno.test(
  only(
    "Unix",
    "DiskCache moves damaged tokens aside where a link leads, and says where",
  ),
  async () => {
    const { directory, config, names, elsewhere } = linked(
      '{"access_token":{"token":"CUT',
    );
    await using _directory = directory;
    const cache = new DiskCache(config, "tokens", { open: "protect" });
    const { message } = await failsWith("cache_corrupt", cache.read());
    const [aside = "", ...more] = names();
    assert.match(aside, /^real\.corrupt-/);
    assert.deepEqual(more, []);
    assert.ok(
      message.includes(`${Deno.realPathSync(elsewhere)}/${aside}`),
      message,
    );
  },
);

for (
  const [what, change, why] of [
    [
      "another user's file",
      (target: string) => Deno.chownSync(target, 12345, 12345),
      /it is a link to ".*real", which belongs to another user$/,
    ],
    [
      "a file in another user's directory",
      (_: string, elsewhere: string) => Deno.chownSync(elsewhere, 12345, 12345),
      /it is a link to ".*real", in a directory that belongs to another user$/,
    ],
    [
      "a file in a directory that everyone can write to",
      (_: string, elsewhere: string) => Deno.chmodSync(elsewhere, 0o777),
      /it is a link to ".*real", in a directory that everyone can write to$/,
    ],
    [
      "a file by another user's link",
      (_: string, __: string, link: string) => {
        const args = ["-h", "12345", link];
        assert.ok(new Deno.Command("chown", { args }).outputSync().success);
      },
      /it is a link to ".*real", and the link belongs to another user$/,
    ],
  ] as const
) {
  Deno.test(
    owning(
      `DiskCache says where a link leads that is ${what}, and writes and removes nothing (line 66)`,
    ),
    async () => {
      const { directory, config, elsewhere, target, names } = linked();
      await using _directory = directory;
      const cache = new DiskCache(config, "tokens", { open: "protect" });
      change(target, elsewhere, cache.path);
      for (
        const write of [
          () => cache.write(tokens("NEW"), { kind: "refresh" }),
          () => cache.reserve("refresh"),
          () => cache.reserve("login"),
          () => cache.clear(),
        ]
      ) {
        const { message, hint } = await failsWith("cache_unreadable", write());
        assert.match(message, why);
        assert.match(`${hint}`, /replace the link/);
      }
      assert.ok(isLink(cache.path));
      assert.equal(Deno.readTextFileSync(target), tokens("OLD"));
      assert.deepEqual(names(), ["real"]);
    },
  );
}

Deno.test(
  only(
    "Unix",
    "saveProfile() writes through a link to the user's own config.json, and leaves another program's",
  ),
  async () => {
    const { directory, config, elsewhere, names } = linked();
    await using _directory = directory;
    const profiles = { default: { consumerKey: "OLD" } };
    Deno.writeTextFileSync(`${elsewhere}/config`, JSON.stringify({ profiles }));
    Deno.symlinkSync(`${elsewhere}/config`, `${config}/config.json`);
    saveProfile(config, "default", { consumerKey: "NEW" });
    assert.ok(isLink(`${config}/config.json`));
    assert.equal(readConfig(config).profiles["default"]?.consumerKey, "NEW");
    assert.match(Deno.readTextFileSync(`${elsewhere}/config`), /NEW/);
    assert.deepEqual(names(), ["config", "real"]);
    const theirs = '{"theme":"dark"}';
    Deno.writeTextFileSync(`${elsewhere}/config`, theirs);
    assert.throws(
      () => saveProfile(config, "default", { consumerKey: "NEWER" }),
      /it is not tdauth's; left unchanged/,
    );
    assert.equal(Deno.readTextFileSync(`${elsewhere}/config`), theirs);
  },
);
