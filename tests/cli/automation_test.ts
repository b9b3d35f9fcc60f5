/** The examples of docs/automation.md, taken from the page and run. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { APPROVE, type Machine, startMachine } from "./machine.ts";
import { denoLine } from "../../tools/deno.ts";

const PAGE = new URL("../../docs/automation.md", import.meta.url);
const CLI = fileURLToPath(new URL("../../cli.ts", import.meta.url));

/** The code blocks in a language. */
function blocks(language: string): string[] {
  const fence = new RegExp("^```" + language + "\\n([^]*?)^```$", "gm");
  const found = [...Deno.readTextFileSync(PAGE).matchAll(fence)];
  return found.map(([, text = ""]) => text);
}

/** The scripts that begin with a program and a name, by their names. */
const scripts = new Map(
  blocks("sh").flatMap((text) => {
    const [, name] = /^#!.*\n# ~\/bin\/(.*)\n/.exec(text) ?? [];
    return name === undefined ? [] : [[name, text] as const];
  }),
);

/** What cron would run: five fields, and the command. */
const jobs = blocks("crontab").flatMap((text) =>
  [...text.matchAll(/^([\d*/,-]+ ){5}(.*)$/gm)].map(([, , command = ""]) =>
    command
  )
);

/** A machine with `tdauth` on its PATH and the page's scripts in `~/bin`. */
async function installed(): Promise<{ machine: Machine; sh: Shell }> {
  const machine = await startMachine();
  for (const directory of ["bin", ".local/bin"]) {
    Deno.mkdirSync(`${machine.home}/${directory}`, { recursive: true });
  }
  for (const [name, text] of scripts) {
    Deno.writeTextFileSync(`${machine.home}/bin/${name}`, text, {
      mode: 0o755,
    });
  }
  const tdauth = `#!/bin/sh\nexec ${denoLine("run", "-A", CLI)} "$@"\n`;
  const at = `${machine.home}/.local/bin/tdauth`;
  Deno.writeTextFileSync(at, tdauth, { mode: 0o755 });
  // As cron and a user do: a shell that runs one line.
  const sh: Shell = (line, env = {}) =>
    machine.run([], {
      under: `PATH="$HOME/.local/bin:$PATH"; ${line}`,
      env: {
        ...machine.appEnv,
        API: machine.sandbox.url,
        NO_PROXY: "127.0.0.1",
        ...env,
      },
    });
  return { machine, sh };
}

type Shell = (
  line: string,
  env?: Record<string, string>,
) => ReturnType<Machine["run"]>;

Deno.test("docs/automation.md has scripts that a shell understands", async () => {
  assert.deepEqual([...scripts.keys()], [
    "accounts.sh",
    "quotes.sh",
    "report.sh",
  ]);
  assert.equal(jobs.length, 4);
  for (const text of [...blocks("sh"), ...jobs]) {
    const child = new Deno.Command("sh", {
      args: ["-n", "-c", text],
      stderr: "piped",
    });
    const { success, stderr } = await child.output();
    assert.ok(success, new TextDecoder().decode(stderr));
  }
});

Deno.test("docs/automation.md: accounts.sh gets what it asks for, or ends with 3", async () => {
  const { machine, sh } = await installed();
  await using _ = machine;
  const none = await sh('"$HOME/bin/accounts.sh"');
  assert.deepEqual([none.code, none.stdout], [3, ""]);
  assert.match(none.stderr, /\nhint: log in: tdauth login\n$/);
  await machine.signIn();
  const { code, stdout, stderr } = await sh('"$HOME/bin/accounts.sh"');
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /accountNumber[^]*AAPL[^]*MSFT/);
});

Deno.test("docs/automation.md: quotes.sh tells the exit codes apart", async () => {
  const { machine, sh } = await installed();
  await using _ = machine;
  assert.equal((await sh('"$HOME/bin/quotes.sh"')).code, 3);
  await machine.signIn();
  const good = await sh('"$HOME/bin/quotes.sh"');
  assert.deepEqual([good.code, good.stdout], [0, "quotes.json updated\n"]);
  machine.sandbox.failNext({ endpoint: "api", status: 503, body: "" });
  const later = await sh('"$HOME/bin/quotes.sh"');
  assert.equal(later.code, 0);
  assert.match(later.stderr, /quotes.json not updated\n$/);
  machine.sandbox.failNext({ endpoint: "api", status: 404, body: "" });
  assert.equal((await sh('"$HOME/bin/quotes.sh"')).code, 1);
  assert.ok(
    JSON.parse(Deno.readTextFileSync(`${machine.cwd}/quotes.json`)).AAPL,
  );
});

Deno.test("docs/automation.md: the crontab's lines do what is said of them", async () => {
  const { machine, sh } = await installed();
  await using _ = machine;
  const [due = "", login = "", report = "", quotes = ""] = jobs;
  const needed = await sh(due);
  assert.deepEqual([needed.code, needed.stdout], [3, ""]);
  assert.match(needed.stderr, /^tdauth: .*\nhint: .*\n$/);
  const loggedIn = await sh(login, { BROWSER: APPROVE });
  assert.equal(loggedIn.code, 0, loggedIn.stderr);
  assert.match(loggedIn.stderr, /^Logged in\./m);
  const again = await sh(login);
  assert.match(
    again.stderr,
    /^Already logged in: the last login is recent enough/,
  );
  const silent = await sh(due);
  assert.deepEqual([silent.code, silent.stdout, silent.stderr], [0, "", ""]);
  for (
    const [line, file] of [[report, "report.json"], [quotes, "quotes.json"]]
  ) {
    const { code, stdout, stderr } = await sh(line ?? "");
    assert.deepEqual([code, stdout, stderr], [0, "", ""]);
    JSON.parse(Deno.readTextFileSync(`${machine.home}/${file}`));
  }
});

const systemd = hasSystemd();

Deno.test(
  `docs/automation.md has units that systemd understands${
    systemd ? "" : " (ignored: there is no systemd-analyze)"
  }`,
  { ignore: !systemd },
  async () => {
    const { machine } = await installed();
    await using _ = machine;
    const directory = `${machine.home}/.config/systemd/user`;
    Deno.mkdirSync(directory, { recursive: true });
    const names: string[] = [];
    for (const text of blocks("ini")) {
      const [, name = ""] = /^# ~\/.config\/systemd\/user\/(.*)\n/.exec(text) ??
        [];
      names.push(name);
      Deno.writeTextFileSync(
        `${directory}/${name}`,
        // It is verified that programs exist, and a desktop's need not.
        text.replace("/usr/bin/notify-send", "/bin/echo"),
      );
    }
    assert.equal(names.length, 7);
    const verify = async (extra: readonly string[] = []) => {
      const { success, stderr } = await new Deno.Command("systemd-analyze", {
        args: [
          "verify",
          "--user",
          "--man=no",
          ...[...names, ...extra].map((name) =>
            `${directory}/${name.replace("@.", "@tdauth-due.service.")}`
          ),
        ],
        env: { HOME: machine.home, XDG_RUNTIME_DIR: machine.cwd },
      }).output();
      return { success, said: new TextDecoder().decode(stderr) };
    };
    assert.deepEqual(await verify(), { success: true, said: "" });
    Deno.writeTextFileSync(
      `${directory}/wrong.timer`,
      "[Timer]\nOnCalendar=Mon..Fri 29:25\n",
    );
    assert.notEqual((await verify(["wrong.timer"])).said, "");
  },
);

function hasSystemd(): boolean {
  try {
    return new Deno.Command("systemd-analyze", { args: ["--version"] })
      .outputSync().success;
  } catch {
    return false;
  }
}
