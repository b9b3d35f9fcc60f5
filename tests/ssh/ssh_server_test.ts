/** The tests' own ssh server does what the other tests take for granted. */
import assert from "node:assert/strict";
import { startMachine } from "../cli/machine.ts";
import { Running } from "../cli/process.ts";
import { assertKilled, until } from "../premise.ts";
import { needsSshd, startSshServer } from "./ssh_server.ts";

const ssh = (
  server: { readonly env: Readonly<Record<string, string>> },
  ...args: readonly string[]
) =>
  new Running(`${server.env["PATH"]?.split(":")[0]}/ssh`, {
    args,
    env: server.env,
    cwd: "/",
  });

Deno.test(
  needsSshd(
    "ssh runs the tdauth of another machine, which has a home directory of its own",
  ),
  async () => {
    await using machine = await startMachine();
    await using server = await startSshServer(machine);
    const { host, user, port, home } = server;
    assert.notEqual(home, machine.home);
    for (
      const to of [host, `${user}@${host}`, `ssh://${user}@${host}:${port}`]
    ) {
      const { code, stdout, stderr } = await ssh(
        server,
        "-T",
        "--",
        to,
        'echo "$HOME"; command -v tdauth; tdauth --version',
      ).result;
      assert.equal(code, 0, stderr);
      const [at, program, version] = stdout.split("\n");
      assert.deepEqual([at, program], [machine.home, server.program]);
      assert.match(version ?? "", /^tdauth \d/);
      assert.equal(stderr, "");
    }
    assert.equal(server.calls().length, 3);
    assert.deepEqual([...Deno.readDirSync(home)], []);
  },
);

Deno.test(
  needsSshd(
    "a connection that the tests cut ends ssh, and the input of what runs on the other machine",
  ),
  async () => {
    await using machine = await startMachine();
    await using server = await startSshServer(machine);
    const file = `${machine.home}/ended`;
    const client = ssh(server, server.host, `echo begun; cat; echo > ${file}`);
    await client.sees(/begun/, "stdout");
    assert.equal(server.connections().length, 1);
    await server.cut();
    assert.equal((await client.result).code, 255);
    const exists = () =>
      [...Deno.readDirSync(machine.home)].some(({ name }) => name === "ended");
    await until("its input ends", exists);

    const killed = ssh(server, server.host, "echo begun; cat");
    await killed.sees(/begun/, "stdout");
    killed.kill("SIGKILL");
    assertKilled(await killed.result);
    await until("the other side ends", () => server.connections().length === 0);
  },
);
