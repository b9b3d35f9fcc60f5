import assert from "node:assert/strict";
import {
  type Shell,
  SHELLS,
} from "../../src/cli/commands/completions/shells.ts";
import { PRESETS } from "../../src/providers/presets.ts";
import { assertError, jsonOf, modeOf } from "./asserts.ts";
import { type Machine, startMachine } from "./machine.ts";
import { shellTest, types } from "./shells.ts";

/** Where each shell's file is, below the home directory. */
const PLACES: Readonly<Record<Shell, string>> = {
  bash: ".local/share/bash-completion/completions/tdauth",
  zsh: ".local/share/zsh/site-functions/_tdauth",
  fish: ".config/fish/completions/tdauth.fish",
};

/** Names that no command accepts, and which a shell could fall for. */
const HOSTILE = ["$(touch hacked)", "`touch hacked`", "a b", "a;b", "a\tb\nc"];

/** Profiles, files and directories to complete. */
function furnish(machine: Machine): void {
  machine.writeConfig({
    default: { provider: "schwab" },
    "a.b-c_d": { provider: "https://issuer.example:8443/x" },
    ...Object.fromEntries(HOSTILE.map((name) => [name, {}])),
  });
  Deno.writeTextFileSync(`${machine.cwd}/my cert.pem`, "");
  Deno.mkdirSync(`${machine.cwd}/some_dir`);
  Deno.writeTextFileSync(`${machine.cwd}/some_file`, "");
}

/** What is typed, with Tabs, and what the command is then called with. */
const TYPED: readonly (readonly [string, readonly string[]])[] = [
  ["tdauth sta\t", ["status"]],
  ["tdauth help sta\t", ["help", "status"]],
  ["tdauth login --if\t5d", ["login", "--if-older", "5d"]],
  ["tdauth status --provider s\t", ["status", "--provider", "schwab"]],
  ["tdauth status --provider=s\t", ["status", "--provider=schwab"]],
  ["tdauth --provider=schwab sta\t", ["--provider=schwab", "status"]],
  [
    "tdauth --provider https://a.example:1 sta\t",
    ["--provider", "https://a.example:1", "status"],
  ],
  ["tdauth status --profile a\t", ["status", "--profile", "a.b-c_d"]],
  ["tdauth --profile=d\ttoken", ["--profile=default", "token"]],
  ["tdauth completions f\t", ["completions", "fish"]],
  ["tdauth login --cert-file my\t", ["login", "--cert-file", "my cert.pem"]],
  ["tdauth login --key-file=my\t", ["login", "--key-file=my cert.pem"]],
  ["tdauth cert sh\t", ["cert", "show"]],
  ["tdauth import my\t", ["import", "my cert.pem"]],
  ["tdauth export --format py\t", ["export", "--format", "pytd"]],
  ["tdauth fetch /x --output my\t", ["fetch", "/x", "--output", "my cert.pem"]],
  ["tdauth exec --min\t9s -- mkd\t", [
    "exec",
    "--min-valid",
    "9s",
    "--",
    "mkdir",
  ]],
  ["tdauth --profile=d\texec -- cat my\t", [
    "--profile=default",
    "exec",
    "--",
    "cat",
    "my cert.pem",
  ]],
  ["tdauth status --config-dir so\t", ["status", "--config-dir", "some_dir"]],
  ["tdauth status --config-dir=so\t", ["status", "--config-dir=some_dir"]],
];

/** What a user would add to the shell's own file. */
const LOADED: Readonly<Record<Shell, (machine: Machine) => void>> = {
  bash: ({ home }) =>
    Deno.writeTextFileSync(
      `${home}/.bashrc`,
      `if [ -e /usr/share/bash-completion/bash_completion ]
then . /usr/share/bash-completion/bash_completion
else . ~/${PLACES.bash}
fi
`,
    ),
  zsh: ({ home }) =>
    Deno.writeTextFileSync(
      `${home}/.zshrc`,
      "fpath=(~/.local/share/zsh/site-functions $fpath)\nautoload -Uz compinit && compinit -u\n",
    ),
  fish: () => {},
};

for (const shell of SHELLS) {
  shellTest(
    [shell, "script"],
    `tdauth completions ${shell} --install completes at Tab in a terminal, runs nothing that is typed and sends nothing`,
    async (machine, shells) => {
      furnish(machine);
      await machine.signIn();
      machine.age("access_token", 10_000); // due for a refresh, which a Tab must not begin
      const before = Deno.readTextFileSync(machine.tokenPath);
      const requests = machine.sandbox.requests.length;
      assert.equal(
        (await machine.run(["completions", shell, "--install"])).code,
        0,
      );
      LOADED[shell](machine);
      const running = await shells.open(shell);
      const substitution = shell === "fish"
        ? "(touch hacked)"
        : "$(touch hacked)";
      await running.write(`tdauth ${substitution} sta\t\x15`);
      // At the word itself Tab is zsh's own, and means to expand it.
      if (shell !== "zsh") {
        await running.write(`tdauth --profile ${substitution}\t\x15`);
      }
      try {
        for (const [keys, args] of TYPED) await types(running, keys, args);
      } finally {
        await running.write("\x15exit\r");
        await running.result;
      }
      assert.deepEqual(
        [...Deno.readDirSync(machine.cwd)].map(({ name }) => name).sort(),
        ["my cert.pem", "some_dir", "some_file"],
      );
      assert.equal(machine.sandbox.requests.length, requests);
      assert.equal(Deno.readTextFileSync(machine.tokenPath), before);
    },
  );
}

/** Asks bash as readline does; `|` parts the words where bash does. */
const ask = (words: string, type = 9) => {
  const parts = words.split("|");
  return `COMP_LINE='${parts.join("").replaceAll("'", "'\\''")}'
COMP_POINT=\${#COMP_LINE} COMP_TYPE=${type} COLUMNS=80
COMP_WORDS=(${
    parts.filter((part) => part !== " ").map((part) =>
      `'${part.replaceAll("'", "'\\''")}'`
    ).join(" ")
  })
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)) COMPREPLY=()
_tdauth
printf '%s\\n' "\${COMPREPLY[@]}"`;
};

for (const helper of ["with bash-completion", "alone"]) {
  shellTest(
    ["bash"],
    `tdauth completions bash answers as bash asks, ${helper}, sourced twice`,
    async (machine, shells) => {
      furnish(machine);
      const load = `${
        helper === "alone"
          ? ""
          : "[ -e /usr/share/bash-completion/bash_completion ] && . /usr/share/bash-completion/bash_completion\n"
      }source <(tdauth completions bash)\nsource <(tdauth completions bash)\n`;
      const answers = async (words: string, type?: number) => {
        const result = await shells.run("bash", load + ask(words, type));
        assert.deepEqual([result.code, result.stderr], [0, ""]);
        return result.stdout.trimEnd().split("\n");
      };
      assert.deepEqual(await answers("tdauth| |sta"), ["status"]);
      assert.deepEqual(await answers("tdauth| |--provider|=|s"), ["schwab"]);
      assert.deepEqual(
        await answers("tdauth| |--provider|=|"),
        PRESETS.map(({ key }) => key),
      );
      assert.deepEqual(
        await answers("tdauth| |--provider|=|https|:|//x| |status| |--jso"),
        ["--json"],
      );
      assert.deepEqual(await answers("tdauth| |--profile| |"), [
        "default",
        "a.b-c_d",
      ]);
      assert.deepEqual(await answers("tdauth| |--profile| |'a"), ["a.b-c_d"]);
      assert.deepEqual(await answers("tdauth| |nonsense| |"), [""]);
      assert.deepEqual(await answers("tdauth| |$(touch hacked)| |"), [""]);
      assert.throws(() => Deno.statSync(`${machine.cwd}/hacked`));
      const flags = await answers("tdauth| |login| |--");
      assert.ok(flags.includes("--if-older") && flags.includes("--profile"));
      const listed = await answers("tdauth| |", 63);
      assert.match(
        listed.find((line) => line.startsWith("status")) ?? "",
        /^status +Show the tokens/,
      );
      for (const line of listed) assert.ok(line.length < 80, line);
    },
  );
}

shellTest(
  ["fish"],
  "tdauth completions fish answers complete -C with descriptions and nothing on stderr",
  async (machine, shells) => {
    furnish(machine);
    const answers = async (line: string) => {
      const result = await shells.run(
        "fish",
        `tdauth completions fish | source; complete -C '${line}'`,
      );
      assert.deepEqual([result.code, result.stderr], [0, ""]);
      return result.stdout.trimEnd().split("\n");
    };
    assert.deepEqual(await answers("tdauth sta"), [
      "status\tShow the tokens and when the next login is due",
    ]);
    assert.deepEqual(await answers("tdauth --provider=s"), [
      "--provider=schwab\tCharles Schwab",
    ]);
    assert.deepEqual(await answers("tdauth --profile "), [
      "default\tschwab",
      "a.b-c_d\thttps://issuer.example:8443/x",
    ]);
    assert.ok(
      (await answers("tdauth login --")).some((line) =>
        line.startsWith("--if-older\tdo nothing")
      ),
    );
    assert.deepEqual(await answers("tdauth nonsense "), [""]);
  },
);

Deno.test("tdauth complete is silent and done whatever the settings hold, and no help shows it", async () => {
  await using machine = await startMachine();
  Deno.mkdirSync(machine.configDir, { recursive: true });
  for (const text of ["{", '{"profiles": 1}', '{"profiles": {"a": 1}}', ""]) {
    Deno.writeTextFileSync(`${machine.configDir}/config.json`, text);
    const asked = await machine.run(["complete", "--", "--profile", ""], {
      env: { TD_PROFILE: "..", TD_JSON: "1", TD_VERBOSE: "1" },
    });
    assert.deepEqual([asked.code, asked.stdout, asked.stderr], [
      0,
      ":nothing\n",
      "",
    ]);
  }
  const help = await machine.run(["--help"]);
  assert.doesNotMatch(help.stdout, /^ {2}complete /m);
});

Deno.test("tdauth complete shows a provider's text without control characters", async () => {
  await using machine = await startMachine();
  machine.writeConfig({
    work: { provider: "x\x1b]0;title\x07\n:files\ty" },
  });
  const { stdout } = await machine.run(["complete", "--", "--profile", ""]);
  assert.equal(stdout, "work\tx ]0;title :files y\n:nothing\n");
});

for (const shell of SHELLS) {
  Deno.test(`tdauth completions ${shell} --install writes the script once, and --uninstall removes it`, async () => {
    await using machine = await startMachine();
    const path = `${machine.home}/${PLACES[shell]}`;
    const script = await machine.run(["completions", shell]);
    assert.deepEqual([script.code, script.stderr], [0, ""]);
    const env = { SHELL: `/usr/local/bin/${shell}` };
    const first = await machine.run(["completions", "--install"], { env });
    assert.equal(first.code, 0, first.stderr);
    assert.ok(first.stderr.includes(`installed: ${path}\n`), first.stderr);
    assert.equal(Deno.readTextFileSync(path), script.stdout);
    assert.equal(modeOf(path), 0o644);
    const again = await machine.run(["completions", shell, "--install"]);
    assert.ok(again.stderr.includes(`already installed: ${path}\n`));
    const json = ["completions", shell, "--uninstall", "--json"];
    assert.deepEqual(jsonOf(await machine.run(json)), {
      shell,
      path,
      changed: true,
    });
    assert.throws(() => Deno.statSync(path), Deno.errors.NotFound);
    assert.equal(jsonOf(await machine.run(json))["changed"], false);
  });
}

Deno.test("tdauth completions --install changes no file that tdauth did not make, and leaves no other behind", async () => {
  await using machine = await startMachine();
  const path = `${machine.home}/${PLACES.fish}`;
  const directory = path.replace(/\/[^/]*$/, "");
  Deno.mkdirSync(directory, { recursive: true });
  Deno.writeTextFileSync(path, "complete -c tdauth\n");
  for (const flag of ["--install", "--uninstall"]) {
    assertError(
      await machine.run(["completions", "fish", flag]),
      2,
      /it was not generated by tdauth$/,
    );
  }
  assert.equal(Deno.readTextFileSync(path), "complete -c tdauth\n");
  Deno.removeSync(path);
  Deno.mkdirSync(path);
  assertError(
    await machine.run(["completions", "fish", "--install"]),
    1,
    /cannot change ".*tdauth\.fish": /,
  );
  assert.equal([...Deno.readDirSync(directory)].length, 1);
});

Deno.test("tdauth completions installs where the shell's variables say", async () => {
  await using machine = await startMachine();
  const { home } = machine;
  for (
    const [shell, env, path] of [
      ["bash", { BASH_COMPLETION_USER_DIR: `${home}/b:/x` }, "b/completions"],
      ["bash", { XDG_DATA_HOME: `${home}/d` }, "d/bash-completion/completions"],
      ["zsh", { XDG_DATA_HOME: `${home}/d` }, "d/zsh/site-functions"],
      ["fish", { XDG_CONFIG_HOME: `${home}/c` }, "c/fish/completions"],
    ] as const
  ) {
    const { code, stderr } = await machine.run(
      ["completions", shell, "--install"],
      { env },
    );
    assert.equal(code, 0, stderr);
    assert.equal([...Deno.readDirSync(`${home}/${path}`)].length, 1);
  }
});

Deno.test("tdauth completions exits with 2 without a shell that it knows", async () => {
  await using machine = await startMachine();
  assertError(
    await machine.run(["completions"]),
    2,
    /no shell specified, and SHELL is not set$/,
    /specify the shell/,
  );
  assertError(
    await machine.run(["completions"], { env: { SHELL: "/bin/tcsh" } }),
    2,
    /unsupported shell "tcsh"$/,
  );
  assertError(
    await machine.run(["completions", "zsh", "--install", "--uninstall"]),
    2,
    /are mutually exclusive$/,
  );
});
