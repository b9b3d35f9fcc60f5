import assert from "node:assert/strict";
import { only } from "../support.ts";
import { assertErrorLines } from "./asserts.ts";
import { lineOf } from "./doctor.ts";
import { type Machine, startMachine } from "./machine.ts";

/** What may have the name of a file and is none, and how each is made. */
const ODD: Readonly<Record<string, (path: string) => void>> = {
  "a pipe without a writer": (path) => made("mkfifo", path),
  "an endless device": (path) => Deno.symlinkSync("/dev/zero", path),
  "links in a circle": (path) => Deno.symlinkSync(path, path),
  // Without blocks on the disk, so that this takes none either.
  "a file of a terabyte": (path) => made("truncate", "-s", "1T", path),
};

function made(program: string, ...args: string[]): void {
  assert.ok(new Deno.Command(program, { args }).outputSync().success);
}

/** How an error words each of them. */
const WHY =
  /it is a pipe or a device|it is not a regular file|a link that leads to itself|too many levels of symbolic links|it is larger than \d+ MiB/i;

/** A file that is odd, and what commands do then. */
interface Case {
  /** What file, in words. */
  readonly what: string;
  /** Where it is. */
  readonly path: (machine: Machine) => string;
  /** The command lines that need it, with their exit code and what the error is about. */
  readonly lines:
    readonly (readonly [line: string, code: number, about: RegExp])[];
}

const SETTINGS = /cannot read the settings in ".*config\.json"/;
const CASES: readonly Case[] = [
  {
    what: ".env",
    path: ({ cwd }) => `${cwd}/.env`,
    lines: [
      ["token", 2, /cannot read \.env/],
      ["status", 2, /cannot read \.env/],
      ["logout --all", 2, /cannot read \.env/],
    ],
  },
  {
    what: "config.json",
    path: ({ configDir }) => `${configDir}/config.json`,
    lines: [["token", 2, SETTINGS], ["logout --all", 2, SETTINGS]],
  },
  {
    what: "the token file",
    path: ({ tokenPath }) => tokenPath,
    lines: [
      ["token", 1, /cannot (read|protect) ".*PROCESS-TEST-APP"/],
      ["status", 1, /cannot (read|protect) ".*PROCESS-TEST-APP"/],
      ["login", 1, /cannot (read|protect) ".*PROCESS-TEST-APP"/],
    ],
  },
  {
    what: "the lock of a refresh",
    path: ({ configDir }) => `${configDir}/.PROCESS-TEST-APP.refresh.lock`,
    lines: [["refresh", 1, /cannot open the lock file ".*refresh\.lock"/]],
  },
  {
    what: "the lock of a write",
    path: ({ configDir }) => `${configDir}/.write.lock`,
    // The broker keeps the refresh token: the new access token is used.
    lines: [["refresh", 0, /cannot open the lock file ".*write\.lock"/]],
  },
  {
    what: "trust.json",
    path: ({ configDir }) => `${configDir}/trust.json`,
    lines: [["cert untrust", 1, /cannot read ".*trust\.json"/]],
  },
  {
    what: "the user's certificate",
    path: ({ home }) => `${home}/cert.pem`,
    lines: [[
      "login --cert-file ../home/cert.pem --key-file ../home/cert.pem",
      1,
      /cannot use ".*cert\.pem" as the callback server's certificate/,
    ]],
  },
  {
    what: "an imported file",
    path: ({ home }) => `${home}/tokens.json`,
    lines: [["import ../home/tokens.json", 1, /cannot read ".*tokens\.json"/]],
  },
];

/** Whether something of a kind is an error at a file: locks have no content. */
function matters(odd: string, what: string): boolean {
  return odd !== "a file of a terabyte" || !what.startsWith("the lock");
}

for (const [odd, make] of Object.entries(ODD)) {
  for (const { what, path, lines } of CASES) {
    if (!matters(odd, what)) continue;
    Deno.test(
      only("Unix", `tdauth says at once that ${what} is ${odd}`),
      async () => {
        await using machine = await startMachine();
        await machine.signIn();
        const place = path(machine);
        await Deno.remove(place).catch(() => {});
        make(place);
        for (const [line, code, about] of lines) {
          // One that hangs is killed, which fails the test.
          const result = await machine.run(line.split(" "), {
            env: machine.appEnv,
            killAfter: 60_000,
          });
          // A login says what it does to other programs first.
          if (code > 0) {
            assertErrorLines(result, code, about, /./, /^(note: |$)/);
          }
          assert.equal(result.code, code);
          assert.match(result.stderr, about);
          assert.match(result.stderr, WHY);
        }
        assert.ok(Deno.lstatSync(place), "it is still there");
      },
    );
  }

  Deno.test(
    only(
      "Unix",
      `tdauth completes nothing, at once, where .env or config.json is ${odd}`,
    ),
    async () => {
      await using machine = await startMachine();
      const words = ["complete", "--", "token", "--profile", ""];
      for (
        const path of [
          `${machine.cwd}/.env`,
          `${machine.configDir}/config.json`,
        ]
      ) {
        Deno.mkdirSync(machine.configDir, { recursive: true, mode: 0o700 });
        make(path);
        const { code, stdout, stderr } = await machine.run(words, {
          killAfter: 60_000,
        });
        assert.deepEqual([code, stdout, stderr], [0, ":nothing\n", ""]);
        Deno.removeSync(path);
      }
    },
  );

  Deno.test(
    only("Unix", `tdauth doctor names what is ${odd}, and waits for nothing`),
    async () => {
      await using machine = await startMachine();
      await machine.signIn();
      const doctor = async () => {
        const { stdout } = await machine.run(
          ["doctor", "--offline", "--json"],
          {
            env: machine.appEnv,
            killAfter: 60_000,
          },
        );
        return JSON.parse(stdout).checks;
      };
      make(`${machine.cwd}/.env`);
      assert.match(
        lineOf(await doctor(), "settings").what,
        /cannot read \.env/i,
      );
      Deno.removeSync(`${machine.cwd}/.env`);
      Deno.removeSync(machine.tokenPath);
      make(machine.tokenPath);
      assert.match(lineOf(await doctor(), "tokens").what, /cannot be read: /);
      Deno.removeSync(machine.tokenPath);
      make(`${machine.configDir}/certificate.json`);
      make(`${machine.configDir}/.PROCESS-TEST-APP.login.lock`);
      await doctor();
    },
  );
}

Deno.test(
  only(
    "Unix",
    "tdauth reads no .env that is a directory, as Python's environments are",
  ),
  async () => {
    await using machine = await startMachine();
    const { access_token } = await machine.signIn();
    Deno.mkdirSync(`${machine.cwd}/.env`);
    const { code, stdout } = await machine.run(["token"], {
      env: machine.appEnv,
      printsToken: true,
    });
    assert.deepEqual([code, stdout], [0, `${access_token.token}\n`]);
  },
);

Deno.test(
  only(
    "Unix",
    "tdauth logout leaves what is in the token file's place and no file",
  ),
  async () => {
    await using machine = await startMachine();
    await machine.signIn();
    Deno.removeSync(machine.tokenPath);
    made("mkfifo", machine.tokenPath);
    const result = await machine.run(["logout"], {
      env: machine.appEnv,
      killAfter: 60_000,
    });
    assert.equal(result.code, 1, result.stderr);
    assert.match(result.stderr, /it is a pipe or a device/);
    assert.ok(Deno.lstatSync(machine.tokenPath).isFifo);
  },
);
