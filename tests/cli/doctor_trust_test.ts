import assert from "node:assert/strict";
import {
  certutil,
  certutilTest,
  makeDatabase,
} from "../certificate/nss_support.ts";
import { assertLine, examined } from "./doctor.ts";
import { type Machine, startMachine } from "./machine.ts";

async function done(machine: Machine, ...args: string[]): Promise<void> {
  const { code, stderr } = await machine.run(args);
  assert.equal(code, 0, stderr);
}

certutilTest(
  "tdauth doctor says whether a browser trusts the certificate, did, or trusts an earlier one",
  async () => {
    await using machine = await startMachine();
    const database = `${machine.home}/.pki/nssdb`;
    await makeDatabase(database);
    const none = await examined(machine);
    assert.ok(!none.some(({ check }) => check === "trust"));
    await done(machine, "cert", "renew", "--yes");
    assertLine(
      await examined(machine),
      "trust",
      "ok",
      /tdauth cert trust stops/,
    );

    await done(machine, "cert", "trust", "--yes");
    assertLine(
      await examined(machine),
      "trust",
      "ok",
      /^Chromium.* trusts it$/,
    );

    const [name = ""] = /tdauth local CA \w+/.exec(
      await certutil(database, ["-L"]),
    ) ?? [];
    await certutil(database, ["-D", "-n", name]);
    assertLine(
      await examined(machine),
      "trust",
      "warning",
      /^Chromium.* no longer trusts it$/,
      /tdauth cert trust$/,
    );

    Deno.removeSync(`${machine.configDir}/certificate.json`);
    assertLine(
      await examined(machine),
      "trust",
      "warning",
      /an earlier tdauth certificate/,
      /tdauth cert trust$/,
    );
    Deno.writeTextFileSync(`${machine.configDir}/trust.json`, "{");
    assertLine(
      await examined(machine),
      "trust",
      "warning",
      /damaged/,
      /delete/,
    );
  },
);
