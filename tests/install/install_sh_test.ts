import assert from "node:assert/strict";
import type { Result } from "../cli/process.ts";
import { selfSigned } from "../sandbox/self_signed.ts";
import {
  find,
  listing,
  type Place,
  program,
  type Releases,
  SCRIPT,
  startPlace,
  startReleases,
} from "./place.ts";

/** The asset that this machine gets. */
const ASSET = `tdauth-${Deno.build.os === "darwin" ? "macos" : "linux"}-${
  Deno.build.arch === "aarch64" ? "arm64" : "x64"
}`;
const ALL = [
  "tdauth-linux-x64",
  "tdauth-linux-arm64",
  "tdauth-macos-x64",
  "tdauth-macos-arm64",
];
const windows = Deno.build.os === "windows";

/** Registers a test with a machine and a server that has the releases 1.0.0 and 1.1.0, once for each shell. */
function shellTest(
  name: string,
  test: (
    machine: {
      place: Place;
      releases: Releases;
      shell: string[];
      run: (
        args?: readonly string[],
        env?: Record<string, string | undefined>,
      ) => Promise<Result>;
    },
  ) => Promise<void>,
  needs?: string,
): void {
  for (const words of [["dash"], ["bash"], ["busybox", "sh"]]) {
    const [command = "", ...more] = words;
    const missing = windows
      ? "not on Windows, which has install.ps1"
      : find(command) === undefined
      ? `there is no ${command}`
      : needs !== undefined && find(needs) === undefined
      ? `there is no ${needs}`
      : undefined;
    Deno.test({
      name: `install.sh under ${command} ${name}${
        missing === undefined ? "" : ` (ignored: ${missing})`
      }`,
      ignore: missing !== undefined,
      async fn() {
        await using releases = startReleases();
        for (const version of ["1.0.0", "1.1.0"]) {
          releases.publish(
            version,
            Object.fromEntries(ALL.map((asset) => [asset, program(version)])),
          );
        }
        await using place = startPlace(releases);
        const shell = [find(command) ?? command, ...more];
        await test({
          place,
          releases,
          shell,
          run: (args = [], env = {}) => place.run(shell, args, { env }),
        });
      },
    });
  }
}

/** Puts a program where the script installs to. */
function installed(place: Place, version = "0.9.0"): string {
  const path = `${place.target}/tdauth`;
  Deno.mkdirSync(place.target, { recursive: true });
  Deno.writeTextFileSync(path, program(version), { mode: 0o755 });
  return path;
}

/** A server that promises more than it sends. */
function startCut(): { readonly url: string } & Disposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";
  (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(4096));
      await connection.write(new TextEncoder().encode(`${head}#!/bin/sh`));
      connection.close();
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}/`,
    [Symbol.dispose]: () => listener.close(),
  };
}

/** Checks that nothing was installed, and why. */
function assertRefused(result: Result, why: RegExp, code = 1): void {
  assert.match(result.stderr, why);
  assert.equal(result.code, code, result.stderr);
  assert.equal(result.stdout, "");
}

shellTest(
  "installs the latest release, and says how it is found",
  async ({ place, releases, run }) => {
    const result = await run();
    const path = `${place.target}/tdauth`;
    assert.deepEqual(result, {
      code: 0,
      signal: null,
      stdout: `tdauth 1.1.0 is installed: ${path}\n`,
      stderr: `Downloading ${ASSET} (latest) …\n` +
        `${place.target} is not on your PATH.\n` +
        "To run it as tdauth, add this line to ~/.profile, and open a new terminal:\n" +
        `  export PATH="${place.target}:$PATH"\n` +
        "Next: tdauth configure\n",
    });
    assert.equal(Deno.readTextFileSync(path), program("1.1.0"));
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o755);
    assert.deepEqual([...Deno.readDirSync(place.target)].length, 1);
    assert.deepEqual(
      releases.requests.filter((path) => path.startsWith("latest")),
      ["latest/download/SHA256SUMS", `latest/download/${ASSET}`],
    );
  },
);

shellTest(
  "says nothing needless where the directory is on PATH",
  async ({ place, run }) => {
    const result = await run([], { PATH: `${place.target}:${place.bin}` });
    assert.equal(
      result.stderr,
      `Downloading ${ASSET} (latest) …\nNext: tdauth configure\n`,
    );
    assert.equal(result.code, 0);
    const update = await run([], { PATH: `${place.target}:${place.bin}` });
    assert.equal(update.stderr, `Downloading ${ASSET} (latest) …\n`);
  },
);

shellTest(
  "names another tdauth that comes first on PATH",
  async ({ place, run }) => {
    place.fake("tdauth", "exit 0");
    const result = await run([], { PATH: `${place.bin}:${place.target}` });
    assert.match(result.stderr, /Another tdauth comes first .*\/bin\/tdauth\n/);
    assert.equal(result.code, 0);
  },
);

shellTest(
  "--version chooses a release, with and without v",
  async ({ place, run }) => {
    for (
      const args of [["--version", "1.0.0"], ["--version=v1.0.0"], [
        "--version",
        "v1.0.0",
      ]]
    ) {
      const result = await run(args);
      assert.match(result.stdout, /^tdauth 1\.0\.0 is installed: /);
      Deno.removeSync(`${place.target}/tdauth`);
    }
    assertRefused(
      await run(["--version", "9.9.9"]),
      /Cannot install 9\.9\.9: there is no such release at http/,
    );
    for (const version of ["../../x", "latest", "1.0.0 x", "1/2", "-1"]) {
      assertRefused(await run(["--version", version]), /is not a version/, 2);
    }
  },
);

shellTest(
  "installs into a directory with spaces and quotes, by flag and by variable",
  async ({ place, run }) => {
    for (
      const [args, env] of [
        [["--dir", `${place.target}/my "bin's"`], {}],
        [[`--dir=${place.target}/a $HOME b/`], {}],
        [[], { TDAUTH_INSTALL_DIR: `${place.target}/c d` }],
        [["--dir", `../home/.local/bin/e f`], {}],
      ] as const
    ) {
      const result = await run(args, env);
      assert.equal(result.code, 0, result.stderr);
    }
    assert.deepEqual(
      [...Deno.readDirSync(place.target)].map(({ name }) => name).sort(),
      ["a $HOME b", "c d", "e f", `my "bin's"`],
    );
    for (const { name } of Deno.readDirSync(place.target)) {
      assert.deepEqual(
        [...Deno.readDirSync(`${place.target}/${name}`)].map(({ name }) =>
          name
        ),
        ["tdauth"],
      );
    }
  },
);

shellTest(
  "keeps what is installed when the checksum is wrong",
  async ({ place, releases, run }) => {
    const path = installed(place);
    releases.answer(
      `download/v1.1.0/${ASSET}`,
      () => new Response(`${program("1.1.0")}# something else\n`),
    );
    assertRefused(await run(), /the checksum does not match/);
    assert.equal(Deno.readTextFileSync(path), program("0.9.0"));
    assert.deepEqual([...Deno.readDirSync(place.target)].length, 1);
  },
);

shellTest(
  "refuses a release whose checksums are missing or damaged",
  async ({ place, releases, run }) => {
    const sums = (text: string) =>
      releases.answer("download/v1.1.0/SHA256SUMS", () => new Response(text));
    sums(`${"0".repeat(64)}  tdauth-other\n`);
    assertRefused(await run(), new RegExp(`the release has no ${ASSET}`));
    sums("");
    assertRefused(await run(), new RegExp(`the release has no ${ASSET}`));
    sums(`$(touch ${place.root}/planted)  ${ASSET}\n`);
    assertRefused(await run(), /the release has no|SHA256SUMS is damaged/);
    sums(`<html>  ${ASSET}\n`);
    assertRefused(await run(), /SHA256SUMS is damaged/);
    assert.ok(!releases.requests.includes(`download/v1.1.0/${ASSET}`));
    releases.answer(
      "download/v1.1.0/SHA256SUMS",
      () => new Response("gone", { status: 404 }),
    );
    assertRefused(await run(), /there is no such release/);
  },
);

shellTest(
  "says that a release lacks the executable",
  async ({ releases, run, place }) => {
    const path = installed(place);
    releases.answer(
      `download/v1.1.0/${ASSET}`,
      () => new Response("Not Found", { status: 404 }),
    );
    assertRefused(await run(), new RegExp(`the release has no ${ASSET}`));
    place.without("curl");
    assertRefused(await run(), new RegExp(`the release has no ${ASSET}`));
    assert.equal(Deno.readTextFileSync(path), program("0.9.0"));
  },
  "wget",
);

for (const tool of ["curl", "wget"] as const) {
  shellTest(
    `keeps what is installed when ${tool}'s download is cut`,
    async ({ place, releases, run }) => {
      const path = installed(place);
      if (tool === "wget") place.without("curl");
      let asked = 0;
      using cut = startCut();
      releases.answer(`download/v1.1.0/${ASSET}`, () => {
        asked++;
        return Response.redirect(cut.url, 302);
      });
      const wgetrc = `${place.root}/wgetrc`;
      Deno.writeTextFileSync(wgetrc, "waitretry=0\n");
      const result = await run([], { WGETRC: wgetrc });
      assert.ok(asked > 0);
      assertRefused(result, new RegExp(`Cannot download .*: ${tool} failed`));
      assert.equal(Deno.readTextFileSync(path), program("0.9.0"));
      assert.deepEqual([...Deno.readDirSync(place.target)].length, 1);
    },
    tool,
  );
}

shellTest(
  "keeps what is installed when the new program does not start",
  async ({ place, releases, run }) => {
    const path = installed(place);
    releases.publish("1.2.0", {
      [ASSET]: "#!/bin/sh\necho 'GLIBC_2.99 not found' >&2\nexit 127\n",
    });
    const result = await run();
    assertRefused(result, /the program does not start on this system/);
    assert.match(result.stderr, /GLIBC_2\.99 not found/);
    assert.match(result.stderr, /hint: nothing was changed; use Deno instead/);
    assert.equal(Deno.readTextFileSync(path), program("0.9.0"));
  },
);

shellTest("chooses the executable by system and machine", async ({
  place,
  releases,
  run,
}) => {
  const glibc = "echo glibc 2.36";
  for (
    const [system, machine, asset, tools] of [
      ["Linux", "x86_64", "tdauth-linux-x64", { getconf: glibc }],
      ["Linux", "aarch64", "tdauth-linux-arm64", { getconf: glibc }],
      ["Darwin", "arm64", "tdauth-macos-arm64", {}],
      ["Darwin", "x86_64", "tdauth-macos-x64", {}],
      ["Darwin", "x86_64", "tdauth-macos-x64", { sysctl: "echo 0" }],
      ["Darwin", "x86_64", "tdauth-macos-arm64", { sysctl: "echo 1" }],
    ] as const
  ) {
    place.fake(
      "uname",
      `case $1 in -s) echo ${system};; -m) echo ${machine};; esac`,
    );
    place.fake("sysctl", "exit 1");
    for (const [name, script] of Object.entries(tools)) {
      place.fake(name, script);
    }
    const result = await run();
    assert.equal(result.code, 0, result.stderr);
    assert.equal(releases.requests.at(-1), `download/v1.1.0/${asset}`);
  }
});

shellTest(
  "refuses a system without an executable, and says what to use",
  async ({
    place,
    releases,
    run,
  }) => {
    for (
      const [system, machine, why, tools] of [
        ["FreeBSD", "amd64", /Cannot install on FreeBSD: .*\nhint: .*deno/, {}],
        ["Linux", "riscv64", /Cannot install on Linux riscv64: .*\nhint: /, {}],
        ["MINGW64_NT-10.0", "x86_64", /install\.ps1 \| iex/, {}],
        ["Linux", "aarch64", /a 32-bit system/, {
          getconf: 'case $1 in LONG_BIT) echo 32;; *) echo "glibc 2.36";; esac',
        }],
        ["Linux", "x86_64", /this system has musl\nhint: .*apk add deno/, {
          getconf: "exit 1",
          ldd: "echo 'musl libc (x86_64)' >&2; exit 1",
        }],
      ] as const
    ) {
      place.fake(
        "uname",
        `case $1 in -s) echo ${system};; -m) echo ${machine};; esac`,
      );
      for (const [name, script] of Object.entries(tools)) {
        place.fake(name, script);
      }
      assertRefused(await run(), why);
    }
    assert.deepEqual(releases.requests, []);
  },
);

shellTest("downloads with wget where there is no curl", async ({
  place,
  run,
}) => {
  place.without("curl");
  const result = await run();
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stdout, /^tdauth 1\.1\.0 is installed/);
}, "wget");

shellTest(
  "checks the download with whichever tool there is",
  async ({ place, run }) => {
    for (const tool of ["sha256sum", "shasum", "openssl"] as const) {
      const result = await run();
      assert.equal(result.code, 0, result.stderr);
      place.without(tool);
    }
  },
  "openssl",
);

shellTest(
  "refuses to download what it cannot check",
  async ({ place, releases, run }) => {
    place.without("sha256sum", "shasum", "openssl");
    assertRefused(await run(), /there is no sha256sum, shasum or openssl/);
    assert.deepEqual(releases.requests, []);
  },
);

shellTest(
  "refuses to download without a program that checks certificates",
  async ({ place, releases, run }) => {
    place.without("curl");
    place.fake("wget", "echo 'BusyBox v1.36 multi-call binary' >&2; exit 1");
    assertRefused(await run(), /this wget does not verify certificates/);
    place.without("wget");
    assertRefused(await run(), /neither curl nor wget|does not verify cert/);
    assert.deepEqual(releases.requests, []);
  },
);

shellTest(
  "replaces what is installed in one step, after the whole download",
  async ({ place, releases, shell }) => {
    const path = installed(place);
    using old = Deno.openSync(path);
    const asked = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    releases.answer(`download/v1.1.0/${ASSET}`, async () => {
      asked.resolve();
      await go.promise;
      return new Response(program("1.1.0"));
    });
    const running = place.start(shell, []);
    await asked.promise;
    assert.equal(Deno.readTextFileSync(path), program("0.9.0"));
    go.resolve();
    assert.equal((await running.result).code, 0);
    assert.equal(Deno.readTextFileSync(path), program("1.1.0"));
    // Who had the old one open still has all of it: it was replaced, not written over.
    const bytes = new Uint8Array(100);
    const length = old.readSync(bytes) ?? 0;
    assert.equal(
      new TextDecoder().decode(bytes.subarray(0, length)),
      program("0.9.0"),
    );
  },
);

shellTest("upgrades a program that runs", async ({ place, run }) => {
  const path = `${place.target}/tdauth`;
  Deno.mkdirSync(place.target, { recursive: true });
  Deno.copyFileSync(Deno.realPathSync(find("sleep") ?? ""), path);
  const old = new Deno.Command(path, { args: ["30"] }).spawn();
  try {
    assert.equal((await run()).code, 0);
    assert.equal(Deno.readTextFileSync(path), program("1.1.0"));
    old.kill(); // throws when it has ended already
  } finally {
    assert.equal((await old.status).signal, "SIGTERM");
  }
});

shellTest("leaves nothing behind when it is interrupted", async ({
  place,
  releases,
  shell,
}) => {
  const asked = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  releases.answer(`download/v1.1.0/${ASSET}`, async () => {
    asked.resolve();
    await go.promise;
    return new Response(program("1.1.0"));
  });
  const before = listing(place.home, place.target);
  const everything = listing(place.root);
  const running = place.start(shell, []);
  await asked.promise;
  // The download is under way: there is something to leave behind.
  assert.notDeepEqual(listing(place.root), everything);
  assert.equal(running.ended, false);
  running.kill("SIGTERM");
  go.resolve(); // a shell minds a signal when the program it waits for has ended
  const result = await running.result;
  assert.equal(result.code, 143);
  assert.deepEqual(listing(place.home), [
    ...before,
    `${place.home}/.local`,
  ]);
  assert.deepEqual(
    listing(place.root),
    [...everything, `${place.home}/.local`].sort(),
  );
});

shellTest("removes the program and keeps the tokens", async ({
  place,
  run,
}) => {
  assertRefused(await run(["--uninstall"]), /Cannot uninstall: there is no /);
  const path = installed(place);
  const plain = await run(["--uninstall"]);
  assert.deepEqual([plain.stdout, plain.stderr, plain.code], [
    `Removed ${path}\n`,
    "",
    0,
  ]);
  const config = Deno.build.os === "darwin"
    ? `${place.home}/Library/Application Support/tdauth`
    : `${place.home}/.config/tdauth`;
  for (
    const [directory, env] of [
      [config, {}],
      [`${place.root}/xdg/tdauth`, { XDG_CONFIG_HOME: `${place.root}/xdg` }],
      [`${place.root}/own`, { TD_CONFIG_DIR: `${place.root}/own` }],
    ] as const
  ) {
    Deno.mkdirSync(directory, { recursive: true });
    Deno.writeTextFileSync(`${directory}/KEY`, "tokens");
    installed(place);
    const result = await run(["--uninstall"], env); // checks that they are kept
    assert.ok(
      result.stderr.startsWith(
        `Your settings and tokens stay: ${directory}\n`,
      ),
      result.stderr,
    );
    assert.throws(() => Deno.lstatSync(path), Deno.errors.NotFound);
  }
});

shellTest("does nothing when it was cut on its way", async ({
  place,
  releases,
  shell,
}) => {
  const whole = Deno.readTextFileSync(SCRIPT).trimEnd();
  const lengths = [...whole.matchAll(/\n/g)].map(({ index }) => index)
    .filter((_, line) => line % 12 === 0);
  for (let cut = 1; cut <= 18; cut++) lengths.push(whole.length - cut);
  for (const length of lengths) {
    const { stdout } = await place.run(shell, [], {
      script: whole.slice(0, length),
    });
    assert.equal(stdout, "");
  }
  assert.deepEqual(releases.requests, []);
  const result = await place.run(shell, [], { script: whole });
  assert.equal(result.code, 0, result.stderr);
});

shellTest("refuses releases over http from anywhere but this machine", async ({
  place,
  run,
}) => {
  for (
    const url of [
      "http://example.com",
      "http://127.0.0.1.evil.example",
      "http://127.0.0.1@evil.example",
      "http://127.0.0.1:80@evil.example",
      "http://127.0.0.1:80\\@evil.example",
      "http://127.0.0.1?@evil.example",
      "http://localhost.evil.example/x",
      "http://[::1]evil.example",
      "http://127.1",
      "HTTP://127.0.0.1",
      "ftp://127.0.0.1",
      "file:///tmp",
      "-K/etc/passwd",
    ]
  ) {
    place.fake("curl", `touch '${place.root}/asked'`);
    assertRefused(
      await run([], { TDAUTH_RELEASES: url }),
      /Cannot use TDAUTH_RELEASES: /,
      2,
    );
  }
});

shellTest("needs no root, and says where it cannot write", async ({
  place,
  shell,
}) => {
  Deno.mkdirSync(place.target, { recursive: true });
  Deno.chmodSync(place.target, 0o555);
  // Root may write anywhere: be someone else.
  const under = Deno.uid() === 0
    ? [
      find("setpriv") ?? "",
      "--reuid=65534",
      "--regid=65534",
      "--clear-groups",
    ]
    : [];
  Deno.chmodSync(place.root, 0o755);
  for (const dir of [place.target, `${place.target}/below`]) {
    const result = await place.run(shell, ["--dir", dir], {
      script: Deno.readTextFileSync(SCRIPT),
      under,
    });
    assertRefused(
      result,
      /Cannot (write to|create the directory) .*\nhint: .*--dir/,
    );
  }
}, Deno.build.os === "linux" ? "setpriv" : undefined);

shellTest("refuses a target that is a directory, and replaces a link", async ({
  place,
  run,
}) => {
  const path = `${place.target}/tdauth`;
  Deno.mkdirSync(path, { recursive: true });
  assertRefused(await run(), /it is a directory/);
  Deno.removeSync(path);
  Deno.writeTextFileSync(`${place.home}/mine`, "kept");
  Deno.symlinkSync(`${place.home}/mine`, path);
  assert.equal((await run()).code, 0);
  assert.equal(Deno.readTextFileSync(`${place.home}/mine`), "kept");
  assert.ok(Deno.lstatSync(path).isFile);
});

shellTest("tells wrong usage from failure, and shows its help", async ({
  run,
}) => {
  for (const args of [["--dir"], ["--version", ""], ["--nonsense"], ["x"]]) {
    assertRefused(await run(args), /^install\.sh: .*\nhint: .*--help/, 2);
  }
  assertRefused(await run([], { HOME: undefined }), /HOME is not set/, 2);
  const help = await run(["--help"]);
  assert.match(help.stdout, /--uninstall {3}remove the program/);
  assert.ok(help.stdout.split("\n").every((line) => line.length <= 80));
});

for (const name of ["bash", "zsh", "fish"]) {
  shellTest(
    `shows a line by which ${name} finds the program, whatever the directory's name`,
    async ({ place, run }) => {
      const dir = `${place.target}/it's "a" $HOME \`b\` \\c`;
      const result = await run(["--dir", dir], { SHELL: `/bin/${name}` });
      assert.match(
        result.stderr,
        name === "fish" ? /run this once/ : new RegExp(`\\.${name}(rc|_prof)`),
      );
      const line = result.stderr.match(/^ {2}(.*)$/m)?.[1] ?? "";
      const shown = await new Deno.Command(find(name) ?? "", {
        args: ["-c", `${line}\ncommand -v tdauth`],
        clearEnv: true,
        env: { PATH: place.bin, HOME: place.home },
      }).output();
      assert.equal(
        new TextDecoder().decode(shown.stdout),
        `${dir}/tdauth\n`,
        line,
      );
    },
    name,
  );
}

for (const tool of ["curl", "wget"] as const) {
  shellTest(
    `has ${tool} check the certificate, and follow no one to plain http`,
    async ({ place, releases, run }) => {
      await using secure = startReleases(selfSigned);
      if (tool === "wget") place.without("curl");
      secure.publish("2.0.0", { [ASSET]: program("2.0.0") });
      const env = { TDAUTH_RELEASES: secure.url };
      assertRefused(await run([], env), /Cannot download https:.* failed with/);
      assert.deepEqual(secure.requests, []);

      const trust = `${place.root}/trust.pem`;
      const wgetrc = `${place.root}/wgetrc`;
      Deno.writeTextFileSync(trust, selfSigned.cert);
      Deno.writeTextFileSync(wgetrc, `ca_certificate=${trust}\n`);
      const trusting = { ...env, CURL_CA_BUNDLE: trust, WGETRC: wgetrc };
      const result = await run([], trusting);
      assert.match(
        result.stdout,
        /^tdauth 2\.0\.0 is installed/,
        result.stderr,
      );

      Deno.removeSync(`${place.target}/tdauth`);
      for (const name of ["SHA256SUMS", ASSET]) {
        secure.answer(
          `download/v2.0.0/${name}`,
          () =>
            Response.redirect(`${releases.url}/download/v1.0.0/${name}`, 302),
        );
      }
      assertRefused(await run([], trusting), /Cannot download https:/);
      assert.deepEqual([...Deno.readDirSync(place.target)], []);
    },
    tool,
  );
}

const compiled = new URL(`../../dist/${ASSET}`, import.meta.url);
const isBuilt = (() => {
  try {
    return Deno.statSync(compiled).isFile;
  } catch {
    return false;
  }
})();
if (isBuilt) {
  shellTest("installs the real executable", async ({
    place,
    releases,
    run,
  }) => {
    const bytes = Deno.readFileSync(compiled);
    const hash = await crypto.subtle.digest("SHA-256", bytes);
    const sum = new Uint8Array(hash).toHex();
    releases.answer(
      "download/v1.1.0/SHA256SUMS",
      () => new Response(`${sum}  ${ASSET}\n`),
    );
    releases.answer(`download/v1.1.0/${ASSET}`, () => new Response(bytes));
    const result = await run();
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /^tdauth \d+\.\d+\.\d+ is installed: /);
    assert.equal(Deno.statSync(`${place.target}/tdauth`).size, bytes.length);
  });
}
