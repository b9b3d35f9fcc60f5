/** The daily commands as processes: `.env` in the working directory, programs that run once, and a directory that stays as it is. */
import assert from "node:assert/strict";
import { type Machine, type Result, startMachine } from "./machine.ts";

/** A machine with two profiles, both with tokens. */
async function withProfiles(): Promise<Machine> {
  const machine = await startMachine();
  const { consumerKey, callbackUrl } = machine.sandbox.app;
  const profile = {
    consumerKey,
    callbackUrl,
    provider: "schwab",
    sandbox: machine.sandbox.url,
  };
  await machine.signIn();
  await machine.signIn(`work.${consumerKey}`);
  machine.writeConfig({ default: profile, work: profile });
  return machine;
}

/** What two runs of a command have in common, a moment apart. */
function lasting({ code, stdout, stderr }: Result): unknown[] {
  return [code, stdout.replace(/"expires_in": \d+/g, "a moment"), stderr];
}

/** Runs a line that the strict reader reads, and the same with `--` at its end, which it leaves to the parser. */
async function bothWays(
  machine: Machine,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Result> {
  const run = (...more: string[]) =>
    machine.run([...args, ...more], { env, printsToken: true });
  const [quick, full] = await Promise.all([run(), run("--")]);
  assert.deepEqual(lasting(quick), lasting(full), args.join(" "));
  return quick;
}

const COMMANDS = [["token"], ["header"], ["status", "--json"]] as const;
const NOTE = 'tdauth: using profile "work" (TD_PROFILE in .env)\n';
const REFUSED = /^tdauth: cannot take \w+ from \.env: /;

for (
  const [what, dotenv, code, says] of [
    ["that is empty", "", 0, /^$/],
    ["of another program", "PORT=80\nTD=1\n", 0, /^$/],
    ["that chooses a profile", "TD_PROFILE=work\n", 0, NOTE],
    [
      "that chooses a profile as Windows writes it",
      '\ufeffexport TD_PROFILE="work" # mine\r\n',
      0,
      NOTE,
    ],
    ["that chooses no profile of ours", "TD_PROFILE=none\n", 2, /"none"/],
    ["that names a directory", "TD_CONFIG_DIR=.tdauth\n", 2, REFUSED],
    ["that names a practice broker", "TD_SANDBOX=http://[::1]:1\n", 2, REFUSED],
    ["that sets a key", "TD_CACHE_KEY=AAAA\n", 2, REFUSED],
    ["that stores no tokens", "TD_STORE_TOKENS=False\n", 3, /no stored tokens/],
    [
      "with a control character",
      "TD_SCOPE=a\u0007b\n",
      2,
      /control characters/,
    ],
    ["that is damaged", 'TD_PROVIDER="\0\n', 2, /TD_PROVIDER/],
  ] as const
) {
  Deno.test(`tdauth token, header and status answer with the whole program's output in a folder with a .env ${what}`, async () => {
    await using machine = await withProfiles();
    Deno.writeTextFileSync(`${machine.cwd}/.env`, dotenv);
    for (const command of COMMANDS) {
      const result = await bothWays(machine, command, {});
      assert.equal(result.code, code, result.stderr);
      if (typeof says === "string") assert.equal(result.stderr, says);
      else assert.match(result.stderr, says);
    }
  });
}

Deno.test("tdauth token, header and status answer with the whole program's output in a folder whose .env sets the app", async () => {
  await using machine = await startMachine();
  const { access_token } = await machine.signIn();
  const { TD_SANDBOX = "", ...app } = machine.appEnv;
  Deno.writeTextFileSync(
    `${machine.cwd}/.env`,
    Object.entries(app).map(([name, value]) => `${name}="${value}"\n`).join(""),
  );
  for (const command of COMMANDS) {
    const { code, stderr } = await bothWays(machine, command, { TD_SANDBOX });
    assert.deepEqual([code, stderr], [0, ""]);
  }
  const { stdout } = await machine.run(["token"], {
    env: { TD_SANDBOX },
    printsToken: true,
  });
  assert.equal(stdout, `${access_token.token}\n`);
});

for (
  const [what, end, code, signal] of [
    ["succeeds", "exit 0", 0, null],
    ["fails", "exit 1", 1, null],
    ["ends as a command without a login does", "exit 3", 3, null],
    ["ends as a command that is not found", "exit 127", 127, null],
    ["a signal ends", "kill -TERM $$; sleep 5", 143, "SIGTERM"],
  ] as const
) {
  Deno.test(`tdauth exec runs a program once that ${what}, after a note from .env or without one`, async () => {
    await using machine = await withProfiles();
    const script = `echo ran >> ran; echo of the program >&2; ${end}`;
    for (const [dotenv, note] of [["", ""], ["TD_PROFILE=work\n", NOTE]]) {
      Deno.writeTextFileSync(`${machine.cwd}/.env`, dotenv ?? "");
      const result = await machine.run(["exec", "--", "sh", "-c", script]);
      assert.deepEqual([result.code, result.signal, result.stderr], [
        code,
        signal,
        `${note}of the program\n`,
      ]);
      const ran = `${machine.cwd}/ran`;
      assert.equal(Deno.readTextFileSync(ran), "ran\n");
      Deno.removeSync(ran);
    }
  });
}

/** All that can change in a directory. */
function state(directory: string): unknown[] {
  const of = (path: string) => {
    const { mode, mtime, ino, size } = Deno.lstatSync(path);
    return [path, mode, mtime?.getTime(), ino, size];
  };
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name);
  return [directory, ...names.sort().map((name) => `${directory}/${name}`)]
    .map(of);
}

Deno.test("tdauth token, header, status and exec leave the configuration directory as it is while the token is valid", async () => {
  await using machine = await withProfiles();
  const before = state(machine.configDir);
  for (
    const args of [
      ["token"],
      ["token", "--json"],
      ["token", "--min-valid", "5m"],
      ["--profile", "work", "token"],
      ["header"],
      ["status"],
      ["status", "--json"],
      ["exec", "--", "true"],
    ]
  ) {
    const { code, stderr } = await machine.run(args, { printsToken: true });
    assert.deepEqual([code, stderr], [0, ""], args.join(" "));
    assert.deepEqual(state(machine.configDir), before, args.join(" "));
  }
});
