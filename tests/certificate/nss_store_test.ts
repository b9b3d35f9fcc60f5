import assert from "node:assert/strict";
import { nssStore } from "../../src/certificate/nss_store.ts";
import { failsWith, temporaryDirectory } from "../support.ts";
import {
  addOther,
  certutil,
  certutilTest,
  contents,
  makeDatabase,
  newAuthority,
  otherCa,
  run,
} from "./nss_support.ts";

certutilTest(
  "nssStore() has a CA trusted for servers alone, as often as it is told, and takes out exactly that one",
  async () => {
    await using directory = temporaryDirectory();
    const { path } = directory;
    await makeDatabase(path);
    await addOther(path, "Somebody's CA");
    await addOther(path, "tdauth local CA of somebody");
    const before = await contents(path);
    const [authority, second] = [await newAuthority(), await newAuthority()];
    const store = nssStore(path, run);
    assert.equal(await store.look(authority), "absent");
    for (let time = 0; time < 2; time++) {
      await store.add(authority, "");
      assert.equal(await store.look(authority), "trusted");
    }
    assert.match(
      await certutil(path, ["-L"]),
      new RegExp(`^${authority.name} +C,, *$`, "m"),
    );
    await store.add(second, "");
    await store.remove(authority);
    assert.deepEqual(
      [await store.look(authority), await store.look(second)],
      ["absent", "trusted"],
    );
    await store.remove(second);
    await store.remove(second);
    assert.equal(await contents(path), before);
  },
);

certutilTest(
  "nssStore() makes the database that Chromium has not made yet, for its owner alone",
  async () => {
    await using directory = temporaryDirectory();
    const path = `${directory.path}/.pki/nssdb`;
    const authority = await newAuthority();
    const store = nssStore(path, run);
    assert.equal(await store.look(authority), "absent");
    await store.remove(authority);
    await store.add(authority, "");
    assert.equal(await store.look(authority), "trusted");
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o700);
  },
);

certutilTest(
  "nssStore() says that a CA is not trusted when its trust was taken away, and gives it back",
  async () => {
    await using directory = temporaryDirectory();
    const { path } = directory;
    const authority = await newAuthority();
    const store = nssStore(path, run);
    await store.add(authority, "");
    await certutil(path, ["-M", "-n", authority.name, "-t", ",,"]);
    assert.equal(await store.look(authority), "present");
    await store.add(authority, "");
    assert.equal(await store.look(authority), "trusted");
  },
);

certutilTest(
  "nssStore() leaves another's certificate alone that has the name of ours",
  async () => {
    await using directory = temporaryDirectory();
    const { path } = directory;
    const authority = await newAuthority();
    await makeDatabase(path);
    const other = await otherCa("somebody");
    await certutil(
      path,
      ["-A", "-n", authority.name, "-t", "C,,", "-a"],
      other,
    );
    const before = await contents(path);
    const store = nssStore(path, run);
    assert.equal(await store.look(authority), "absent");
    await store.remove(authority);
    assert.equal(await contents(path), before);
  },
);

certutilTest(
  "nssStore() leaves a database that is protected by a password as it was, and says how to add the CA by hand",
  async () => {
    await using directory = temporaryDirectory();
    const { path } = directory;
    Deno.writeTextFileSync(`${path}/password`, "a password\n");
    await certutil(path, ["-N", "-f", `${path}/password`]);
    const before = await contents(path);
    const authority = await newAuthority();
    const error = await failsWith(
      "certificate_failed",
      nssStore(path, run).add(authority, "/the/ca.pem"),
    );
    assert.match(error.message, /: it is password-protected$/);
    assert.match(
      error.hint?.format(["tdauth"]) ?? "",
      /certutil -A .* -t C,, -a -i '\/the\/ca.pem'/,
    );
    assert.equal(await contents(path), before);
  },
);

certutilTest("nssStore() fails on a damaged database", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  Deno.writeTextFileSync(`${path}/cert9.db`, "not a database".repeat(100));
  const error = await failsWith(
    "certificate_failed",
    nssStore(path, run).look(await newAuthority()),
  );
  assert.match(error.message, /its database is damaged/);
});

Deno.test("nssStore() names the packages that have certutil where there is none", async () => {
  await using directory = temporaryDirectory();
  Deno.writeTextFileSync(`${directory.path}/cert9.db`, "");
  const store = nssStore(
    directory.path,
    () => Promise.reject(new Deno.errors.NotFound()),
  );
  const error = await failsWith(
    "certificate_failed",
    store.look(await newAuthority()),
  );
  assert.match(error.message, /: certutil is not installed$/);
  assert.match(
    error.hint?.format(["tdauth"]) ?? "",
    /libnss3-tools.*nss-tools.*pacman -S nss/,
  );
});
