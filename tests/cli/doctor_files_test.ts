import assert from "node:assert/strict";
import { assertLine, examined, lineOf } from "./doctor.ts";
import { startMachine } from "./machine.ts";
import { only } from "../support.ts";

const root = Deno.build.os !== "windows" && Deno.uid() === 0;
const mounts = canMount();

Deno.test("tdauth doctor finds nothing wrong with files that tdauth has made", async () => {
  await using machine = await startMachine();
  const none = await examined(machine);
  assertLine(none, "directory", "ok", /\.config\/tdauth will be created$/);
  await machine.signIn();
  const lines = await examined(machine);
  assertLine(lines, "directory", "ok", /accessible only to you$/);
  assertLine(lines, "disk", "ok", /writable, \d+ [MG]iB/);
  assertLine(lines, "lock", "ok", /available/);
  assert.ok(!lines.some(({ check }) => check === "file"));
});

Deno.test("tdauth doctor fails when others can enter the directory or read its files, and shows the command that restricts them", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  Deno.chmodSync(machine.tokenPath, 0o644);
  // Nobody else reaches it.
  assertLine(
    await examined(machine),
    "file",
    "warning",
    /PROCESS-TEST-APP \(mode 0644\)/,
    new RegExp(`chmod 600 '${machine.tokenPath}'$`),
  );
  Deno.chmodSync(machine.configDir, 0o755);
  const open = await examined(machine);
  assertLine(
    open,
    "directory",
    "failed",
    /mode 0755/,
    new RegExp(`chmod 700 '${machine.configDir}'$`),
  );
  assertLine(open, "file", "failed", /mode 0644/, /chmod 600/);
  for (const check of ["directory", "file"]) {
    const { command } = lineOf(open, check);
    const sh = new Deno.Command("sh", { args: ["-c", command ?? "false"] });
    assert.ok(sh.outputSync().success);
  }
  const closed = await examined(machine);
  assertLine(closed, "directory", "ok", /accessible only to you/);
  assert.ok(!closed.some(({ check }) => check === "file"));
});

Deno.test({
  ...only(
    "Unix",
    "tdauth doctor shows a command that a shell accepts as it is, whatever the directory is called",
  ),
  fn: async () => {
    await using machine = await startMachine();
    const directory = `${machine.home}/it's; a "$(directory)`;
    Deno.mkdirSync(directory, { mode: 0o755 });
    const options = { env: { TD_CONFIG_DIR: directory } };
    const { command } = lineOf(
      await examined(machine, ["--offline"], options),
      "directory",
    );
    const sh = new Deno.Command("sh", { args: ["-c", command ?? "false"] });
    assert.ok(sh.outputSync().success);
    const closed = await examined(machine, ["--offline"], options);
    assertLine(closed, "directory", "ok", /accessible only to you/);
  },
});

for (const there of [true, false]) {
  Deno.test({
    ...only(
      "Linux",
      `tdauth doctor would have sudo change ${
        there ? "the directory" : "nothing above the directory"
      } that cannot be ${there ? "written" : "made"}`,
    ),
    fn: async () => {
      await using machine = await startMachine();
      const above = `${machine.home}/above`;
      const directory = there ? above : `${above}/a/b`;
      Deno.mkdirSync(above, { mode: 0o500 });
      const lines = await examined(machine, ["--offline"], {
        env: { TD_CONFIG_DIR: directory },
        // What root may do anyway hides what others may not.
        ...(root &&
          { under: 'exec setpriv --bounding-set=-all --inh-caps=-all "$@"' }),
      });
      assertLine(
        lines,
        "disk",
        "failed",
        there
          ? /above is not writable$/
          : /b cannot be created: .*above is not/,
      );
      assert.equal(
        lineOf(lines, "disk").command,
        there
          ? `sudo chown "$(id -un)" '${directory}'`
          : `sudo install -d -m 700 -o "$(id -un)" '${directory}'`,
      );
    },
  });
}

Deno.test("tdauth doctor fails when everyone can write above the directory", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  Deno.chmodSync(`${machine.home}/.config`, 0o777);
  const { what, command } =
    (await examined(machine)).find((line) => line.state === "failed") ?? {};
  assert.match(what ?? "", /everyone can write to .*\.config \(mode 0777\)/);
  assert.match(command ?? "", /^chmod o-w '.*\.config'$/);
  // As in /tmp, where nobody may move what is another's.
  Deno.chmodSync(`${machine.home}/.config`, 0o1777);
  assertLine(
    await examined(machine),
    "directory",
    "ok",
    /accessible only to you/,
  );
});

Deno.test({
  name:
    `tdauth doctor fails when the directory or a file belongs to another user${
      root ? "" : " (ignored: root only)"
    }`,
  ignore: !root,
  fn: async () => {
    await using machine = await startMachine();
    await machine.signIn();
    Deno.chownSync(machine.tokenPath, 12345, null);
    assertLine(await examined(machine), "file", "failed", /another/, /chown/);
    Deno.chownSync(machine.configDir, 12345, null);
    assertLine(
      await examined(machine),
      "directory",
      "failed",
      /another user/,
      /sudo chown/,
    );
  },
});

Deno.test("tdauth doctor warns of links and leftovers, and not of a write under way", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const write = (name: string) => {
    Deno.writeTextFileSync(`${machine.configDir}/${name}`, "", { mode: 0o600 });
    return `${machine.configDir}/${name}`;
  };
  const temporary = write(`.PROCESS-TEST-APP.${"0".repeat(32)}.tdauth.tmp`);
  assert.ok(!(await examined(machine)).some((l) => l.check === "leftover"));
  Deno.utimeSync(temporary, Date.now() / 1000 - 61, Date.now() / 1000 - 61);
  const cut = await examined(machine);
  assertLine(
    cut,
    "leftover",
    "warning",
    /interrupted write/,
    /rm '.*\.tdauth\.tmp'$/,
  );
  Deno.removeSync(temporary);
  const aside = write(
    "PROCESS-TEST-APP.corrupt-2026-11-23T00-00-00-000Z-0123abcd",
  );
  assertLine(
    await examined(machine),
    "leftover",
    "warning",
    /moved aside/,
    /rm '.*corrupt/,
  );
  Deno.removeSync(aside);
  Deno.renameSync(machine.tokenPath, `${machine.home}/real`);
  Deno.symlinkSync(`${machine.home}/real`, machine.tokenPath);
  const { state, what } = lineOf(await examined(machine), "file");
  assert.equal(state, "ok");
  assert.match(what, /is a link to .*\/real, which is written/);
  Deno.removeSync(`${machine.home}/real`);
  assertLine(
    await examined(machine),
    "file",
    "warning",
    /leads nowhere/,
    /rm /,
  );
});

Deno.test({
  name:
    `tdauth doctor fails on a read-only and on a full disk, and writes on neither${
      mounts ? "" : " (ignored: there is no unshare that may mount)"
    }`,
  ignore: !mounts,
  fn: async () => {
    await using machine = await startMachine();
    const disk = `${machine.home}/disk`;
    Deno.mkdirSync(disk);
    const on = async (mount: string) => {
      const result = await machine.run(["doctor", "--offline", "--json"], {
        env: { ...machine.appEnv, TD_CONFIG_DIR: `${disk}/tdauth` },
        under:
          `unshare -rm sh -c 'mount -t tmpfs ${mount} && exec "$@"' sh "$@"`,
      });
      return JSON.parse(result.stdout).checks;
    };
    assertLine(
      await on(`-o ro none ${disk}`),
      "disk",
      "failed",
      /on a read-only file system$/,
      /TD_CONFIG_DIR/,
    );
    assertLine(
      await on(`-o size=1m,mode=700 none ${disk}`),
      "disk",
      "warning",
      /1 MiB free/,
      /df -h/,
    );
    assertLine(
      await on(
        `-o size=64k,mode=700 none ${disk} && head -c 65536 /dev/zero > ${disk}/full`,
      ),
      "disk",
      "failed",
      /it is full/,
      /df -h/,
    );
    assertLine(
      await on(`-o size=99m,nr_inodes=1,mode=700 none ${disk}`),
      "disk",
      "failed",
      /no inodes/,
      /df -i/,
    );
  },
});

Deno.test("tdauth doctor warns when another process holds a lock, and says which", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const path = `${machine.configDir}/.PROCESS-TEST-APP.refresh.lock`;
  using file = Deno.openSync(path, { write: true, create: true, mode: 0o600 });
  assertLine(await examined(machine), "lock", "ok", /available/);
  await file.lock(true);
  assertLine(
    await examined(machine),
    "lock",
    "warning",
    Deno.build.os === "linux"
      ? new RegExp(`a refresh is in progress.*, process ${Deno.pid}\\)$`)
      : /a refresh is in progress/,
    /wait for it/,
  );
});

function canMount(): boolean {
  try {
    return new Deno.Command("unshare", {
      args: ["-rm", "mount", "-t", "tmpfs", "none", "/mnt"],
      stderr: "null",
    }).outputSync().success;
  } catch {
    return false;
  }
}

Deno.test(
  only(
    "Unix",
    "tdauth doctor does not suggest closing a directory that is not tdauth's, nor what others keep there",
  ),
  async () => {
    await using machine = await startMachine();
    const directory = `${machine.home}/shared`;
    Deno.mkdirSync(directory);
    Deno.writeTextFileSync(`${directory}/notes.txt`, "");
    Deno.chmodSync(`${directory}/notes.txt`, 0o644);
    Deno.symlinkSync("nowhere", `${directory}/link`);
    const options = { env: { TD_CONFIG_DIR: directory } };
    for (const mode of [0o1777, 0o755]) {
      Deno.chmodSync(directory, mode);
      const lines = await examined(machine, ["--offline"], options);
      assertLine(
        lines,
        "directory",
        "failed",
        /is shared: /,
        /separate directory with TD_CONFIG_DIR or --config-dir $/,
      );
      assert.ok(!lines.some(({ check }) => check === "file"));
    }
  },
);
