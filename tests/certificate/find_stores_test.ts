import assert from "node:assert/strict";
import { findStores, openStore } from "../../src/certificate/find_stores.ts";
import { storeName } from "../../src/certificate/store.ts";
import { failsWith, temporaryDirectory } from "../support.ts";

const run = () => Promise.reject(new Error("nothing is run"));

/** Makes empty databases, and gives the stores that are found by their place in the home directory. */
function found(home: string, databases: readonly string[], dataHome?: string) {
  for (const path of databases) {
    Deno.mkdirSync(`${home}/${path}`, { recursive: true });
    Deno.writeTextFileSync(`${home}/${path}/cert9.db`, "");
  }
  const stores = findStores({
    os: "linux",
    home,
    run,
    ...(dataHome !== undefined && { dataHome }),
  });
  return stores.map((store) => {
    assert.equal(store.kind, "nss");
    return [store.path.slice(home.length + 1), storeName(store)];
  });
}

Deno.test("findStores() finds Chromium's database where this Chromium has it, and before it is made", async () => {
  const name = "Chromium and Chrome";
  await using one = temporaryDirectory();
  assert.deepEqual(found(one.path, []), [[".pki/nssdb", name]]);
  const newer = ".local/share/pki/nssdb";
  assert.deepEqual(found(one.path, [newer]), [[newer, name]]);
  assert.deepEqual(found(one.path, [".pki/nssdb"]), [
    [".pki/nssdb", name],
    [newer, name],
  ]);
  await using two = temporaryDirectory();
  assert.deepEqual(
    found(two.path, ["data/pki/nssdb"], `${two.path}/data`),
    [["data/pki/nssdb", name]],
  );
});

Deno.test("findStores() finds every profile of Firefox, and browsers packed as snap and Flatpak", async () => {
  await using directory = temporaryDirectory();
  const home = directory.path;
  Deno.mkdirSync(`${home}/.mozilla/firefox/Crash Reports`, { recursive: true });
  const databases = [
    [".pki/nssdb", "Chromium and Chrome"],
    ["snap/chromium/current/.pki/nssdb", "chromium (snap)"],
    [
      ".var/app/com.google.Chrome/data/pki/nssdb",
      "com.google.Chrome (Flatpak)",
    ],
    [".mozilla/firefox/a b.default", "Firefox, profile a b.default"],
    [".mozilla/firefox/x.work", "Firefox, profile x.work"],
    [".config/mozilla/firefox/y.new", "Firefox, profile y.new"],
    [
      "snap/firefox/common/.mozilla/firefox/z.snap",
      "Firefox, profile z.snap",
    ],
    [
      ".var/app/org.mozilla.firefox/.mozilla/firefox/f.pak",
      "Firefox, profile f.pak",
    ],
    [".librewolf/l.default", "LibreWolf, profile l.default"],
  ];
  assert.deepEqual(
    found(home, databases.map(([path = ""]) => path)),
    databases,
  );
});

Deno.test("findStores() finds the login keychain of macOS and the user's root store of Windows", () => {
  const mac = findStores({ os: "darwin", home: "/Users/a", run });
  assert.deepEqual(
    mac.map((store) => [store.kind, store.path, storeName(store)]),
    [[
      "keychain",
      "/Users/a/Library/Keychains/login.keychain-db",
      "the login keychain",
    ]],
  );
  const windows = findStores({ os: "windows", home: "C:\\Users\\a", run });
  assert.deepEqual(
    windows.map((store) => [store.kind, store.path, storeName(store)]),
    [["windows", "Root", "the user's root store"]],
  );
});

Deno.test("openStore() rejects an unknown kind of store", async () => {
  await failsWith(
    "certificate_failed",
    Promise.resolve().then(() =>
      openStore({ kind: "cloud" as never, path: "" }, {
        os: "linux",
        home: "/",
        run,
      })
    ),
  );
});
