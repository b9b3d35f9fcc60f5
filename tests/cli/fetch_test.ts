import assert from "node:assert/strict";
import { assertError, assertErrorLines, jsonOf } from "./asserts.ts";
import { startOwnApi } from "./fetch_api.ts";
import { type Machine, type RunOptions, startMachine } from "./machine.ts";
import { needsScript } from "./terminals.ts";

const ACCOUNTS = "/trader/v1/accounts";

async function loggedIn(): Promise<Machine> {
  const machine = await startMachine();
  await machine.signIn();
  return machine;
}

function fetchOn(
  machine: Machine,
  args: readonly string[],
  options: RunOptions = {},
) {
  return machine.run(["fetch", ...args], { env: machine.appEnv, ...options });
}

Deno.test("tdauth fetch prints what the API answers to a path and to a URL", async () => {
  await using machine = await loggedIn();
  const { code, stdout, stderr } = await fetchOn(machine, [ACCOUNTS]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(JSON.parse(stdout).length, 2);
  const url = await fetchOn(machine, [machine.sandbox.url + ACCOUNTS]);
  assert.equal(url.stdout, stdout);
});

Deno.test("tdauth fetch refreshes an expired token first, and again when the API rejects it", async () => {
  await using machine = await loggedIn();
  machine.age("access_token", 1801);
  assert.equal((await fetchOn(machine, [ACCOUNTS])).code, 0);
  machine.sandbox.advance(1801);
  assert.equal((await fetchOn(machine, [ACCOUNTS])).code, 0);
  assert.equal(
    machine.sandbox.requests.filter(({ grantType }) =>
      grantType === "refresh_token"
    ).length,
    2,
  );
});

for (
  const [status, code, hint] of [
    [400, 1, /see the response body/],
    [403, 1, /see the response body/],
    [404, 1, /see the response body/],
    [401, 3, /log in: tdauth login$/],
    [429, 5, /retry in a moment/],
    [503, 5, /retry in a moment/],
  ] as const
) {
  Deno.test(`tdauth fetch prints the body of a ${status} and exits with ${code}`, async () => {
    await using machine = await loggedIn();
    const fault = {
      endpoint: "api",
      status,
      body: `{"why":${status}}`,
      times: 2, // a 401 is tried again with a new token
    } as const;
    machine.sandbox.failNext(fault);
    const result = await fetchOn(machine, [`${ACCOUNTS}?secret=query`]);
    assert.equal(result.stdout, `{"why":${status}}`);
    const why = new RegExp(
      `^tdauth: cannot GET ${ACCOUNTS}: the API .*\\b${status}\\b`,
    );
    assertErrorLines(result, code, why, hint);
    machine.sandbox.failNext(fault);
    const json = await fetchOn(machine, [ACCOUNTS, "--json"]);
    assert.equal(json.code, code);
    assert.deepEqual(jsonOf(json)["body"], { why: status });
    assert.equal(jsonOf(json)["status"], status);
  });
}

Deno.test("tdauth fetch exits with 5 when the API rejects the token and the broker is unavailable", async () => {
  await using machine = await loggedIn();
  machine.sandbox.failNext({ endpoint: "api", status: 401, body: "{}" });
  machine.sandbox.failNext({ endpoint: "token", status: 503, times: 20 });
  assertErrorLines(
    await fetchOn(machine, [ACCOUNTS]),
    5,
    /503/,
    /try again/,
  );
});

Deno.test("tdauth fetch exits with 3 and sends no request when there are no tokens", async () => {
  await using machine = await startMachine();
  assertError(
    await fetchOn(machine, [ACCOUNTS]),
    3,
    /there are no stored tokens$/,
    /tdauth login$/,
  );
  assert.deepEqual(machine.sandbox.requests, []);
});

Deno.test("tdauth fetch sends the token only to the API's origin", async () => {
  await using machine = await loggedIn();
  let asked = 0;
  await using other = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => {
      asked++;
      return new Response();
    },
  );
  const { port } = other.addr;
  for (
    const target of [`http://127.0.0.1:${port}/`, `//127.0.0.1:${port}/x`]
  ) {
    assertError(
      await fetchOn(machine, [target]),
      2,
      /cannot fetch http:\/\/127.* with the access token: it may only be sent to .*$/,
      /^hint: specify an API path/,
    );
  }
  const named = machine.sandbox.url.replace("//", "//user:hush@") + ACCOUNTS;
  const result = await fetchOn(machine, [named]);
  assertError(result, 2, /cannot fetch a URL with credentials/);
  assert.doesNotMatch(result.stderr, /hush/);
  assert.equal(asked, 0);
});

Deno.test("tdauth fetch shows a redirect as what it is and does not follow it", async () => {
  let asked = 0;
  await using api = await startOwnApi(() => {
    asked++;
    return new Response("gone", {
      status: 302,
      headers: { location: "https://evil.example/steal?token=x" },
    });
  });
  const result = await fetchOn(api.machine, ["/a"], { env: api.env });
  assert.equal(result.stdout, "gone");
  assertErrorLines(
    result,
    1,
    /cannot GET \/a: the API redirected \(302\) to https:\/\/evil.example\/steal, where the token is not sent$/,
  );
  assert.equal(asked, 1);
});

Deno.test("tdauth fetch sends the method, headers and data that it is given", async () => {
  const seen: unknown[] = [];
  await using api = await startOwnApi(async (request) => {
    seen.push([
      request.method,
      request.headers.get("content-type"),
      request.headers.get("x-one"),
      await request.text(),
    ]);
    return new Response("ok\n");
  });
  const { machine, env } = api;
  Deno.writeTextFileSync(`${machine.cwd}/order.json`, '{"a":\n1}\n');
  const json = "application/json";
  const form = "application/x-www-form-urlencoded";
  for (
    const [args, expected] of [
      [[], ["GET", null, null, ""]],
      [["-X", "delete"], ["DELETE", null, null, ""]],
      [["-d", "a=1&b=2"], ["POST", form, null, "a=1&b=2"]],
      [["--data", '{"a":1}'], ["POST", json, null, '{"a":1}']],
      [["-X", "PUT", "-d", "@order.json"], [
        "PUT",
        json,
        null,
        '{"a":\n1}\n',
      ]],
      [["-d", "@-"], ["POST", form, null, "piped\n"]],
      [["-d", "", "-H", "X-One: 1", "-H", "x-one:2"], [
        "POST",
        form,
        "1, 2",
        "",
      ]],
      [["-d", "{}", "-H", "Content-Type: text/plain"], [
        "POST",
        "text/plain",
        null,
        "{}",
      ]],
    ] as const
  ) {
    const result = await fetchOn(machine, [...args, "/x"], {
      env,
      stdin: "piped\n",
    });
    assert.deepEqual([result.code, result.stdout], [0, "ok\n"], result.stderr);
    assert.deepEqual(seen.pop(), expected);
  }
});

for (
  const [args, why] of [
    [
      ["-H", "authorization: Basic SECRET"],
      /cannot override the header authoriz/,
    ],
    [
      ["-H", "Host: evil.example"],
      /the token is sent only to the broker's API$/,
    ],
    [["-H", "no colon SECRET"], /cannot use a --header: it is not in the form/],
    [["-H", "X: a\nAuthorization: SECRET"], /cannot use a --header: /],
    [["-X", "GET", "-d", "x"], /cannot send --data with GET: .* no body$/],
    [["-X", "G T"], /cannot use "G T" for --method/],
    [["-X", "connect"], /cannot use "CONNECT" for --method/],
    [["-d", "@nothing"], /cannot read "nothing" for --data: there is no such/],
    [["-o", "no/where"], /cannot write "no\/where" for --output: there is no/],
    [
      ["--timeout", "0s"],
      /cannot use "0s" for --timeout: it must be longer than zero/,
    ],
    [["--timeout", "soon"], /cannot use "soon" for --timeout/],
    [["another"], /'fetch' takes no '.*another'$/],
  ] as const
) {
  Deno.test(`tdauth fetch with ${args.join(" ")} exits with 2 and sends nothing`, async () => {
    await using machine = await loggedIn();
    const asked = machine.sandbox.requests.length;
    const result = await fetchOn(machine, [ACCOUNTS, ...args]);
    assertError(result, 2, why);
    assert.doesNotMatch(result.stderr, /SECRET/);
    assert.equal(machine.sandbox.requests.length, asked);
  });
}

Deno.test("tdauth fetch hands a binary body over byte for byte, to stdout and to a file", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  await using api = await startOwnApi(() => new Response(bytes));
  const { machine, env } = api;
  const piped = await fetchOn(machine, ["/x"], { env, under: '"$@" > piped' });
  const file = await fetchOn(machine, ["/x", "-o", "file"], { env });
  assert.deepEqual([piped.code, file.code, file.stdout], [0, 0, ""]);
  for (const name of ["piped", "file"]) {
    assert.deepEqual(Deno.readFileSync(`${machine.cwd}/${name}`), bytes);
  }
  const json = jsonOf(await fetchOn(machine, ["/x", "--json"], { env }));
  assert.deepEqual(
    Uint8Array.from(atob(String(json["body_base64"])), (c) => c.charCodeAt(0)),
    bytes,
  );
});

Deno.test("tdauth fetch keeps what the file has until a successful response arrives", async () => {
  await using machine = await loggedIn();
  const path = `${machine.cwd}/quotes.json`;
  Deno.writeTextFileSync(path, "yesterday's, which are longer".repeat(99));
  const old = Deno.readTextFileSync(path);
  machine.sandbox.failNext({ endpoint: "api", status: 500, body: "trouble" });
  const failed = await fetchOn(machine, [ACCOUNTS, "-o", "quotes.json"]);
  assert.deepEqual([failed.code, failed.stdout], [5, "trouble"]);
  assert.equal(Deno.readTextFileSync(path), old);
  await fetchOn(machine, [ACCOUNTS, "-o", "quotes.json"]);
  assert.equal(JSON.parse(Deno.readTextFileSync(path)).length, 2);
});

Deno.test("tdauth fetch keeps what the file has, and leaves nothing beside it, when the response breaks off", async () => {
  await using api = await startOwnApi(() => {
    let sent = false;
    return new Response(
      new ReadableStream({
        pull(controller) {
          if (sent) controller.error(new Error("cut"));
          else controller.enqueue(new TextEncoder().encode("half"));
          sent = true;
        },
      }),
    );
  });
  const { machine, env } = api;
  Deno.writeTextFileSync(`${machine.cwd}/old`, "yesterday's");
  for (const name of ["old", "new"]) {
    const { code, stderr } = await fetchOn(machine, ["/x", "-o", name], {
      env,
    });
    assert.equal(code, 5, stderr);
  }
  assert.deepEqual(namesIn(machine.cwd), ["old"]);
  assert.equal(Deno.readTextFileSync(`${machine.cwd}/old`), "yesterday's");
});

Deno.test("tdauth fetch makes no file when nothing could be sent", async () => {
  await using machine = await startMachine();
  const result = await fetchOn(machine, [ACCOUNTS, "-o", "new"]);
  assertError(result, 3, /there are no stored tokens$/);
  assert.deepEqual(namesIn(machine.cwd), []);
});

Deno.test("tdauth fetch writes the body as it comes, and is quiet when its reader has had enough", async () => {
  await using api = await startOwnApi(() => endless("one line\n"));
  const { stdout, stderr } = await fetchOn(api.machine, ["/x"], {
    env: api.env,
    under: '{ "$@"; echo $? >&2; } | head -n 2',
  });
  assert.deepEqual([stdout, stderr], ["one line\none line\n", "0\n"]);
});

Deno.test("tdauth fetch ends at Ctrl-C in the middle of a body", async () => {
  await using api = await startOwnApi(() => endless("slow\n", 50));
  const running = api.machine.start(["fetch", "/x"], { env: api.env });
  await running.sees(/slow/, "stdout");
  running.kill("SIGINT");
  const { code, stderr } = await running.result;
  assert.deepEqual([code, stderr], [130, ""]);
});

Deno.test("tdauth fetch gives up when no data arrives", async () => {
  const never = Promise.withResolvers<Response>();
  await using api = await startOwnApi(({ url }) =>
    url.endsWith("/never") ? never.promise : new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array([46])),
      }),
    )
  );
  using _ = { [Symbol.dispose]: () => never.resolve(new Response()) };
  const { machine, env } = api;
  for (const path of ["/never", "/begins"]) {
    assertErrorLines(
      await fetchOn(machine, [path, "--timeout", "1s"], { env }),
      5,
      /cannot GET \/\w+: timed out after 1 second without data$/,
      /--timeout$/,
    );
  }
});

Deno.test("tdauth fetch exits with 5 when the API cannot be reached or cuts the connection", async () => {
  const machine = await loggedIn();
  await using _ = machine;
  machine.sandbox.failNext({ endpoint: "api", cut: true });
  assertError(await fetchOn(machine, [ACCOUNTS]), 5, /cannot GET .*: the conn/);
  const env = {
    ...machine.appEnv,
    TD_SANDBOX: `http://127.0.0.1:${machine.port}`,
  };
  Deno.writeTextFileSync(
    machine.tokenPath,
    JSON.stringify({
      ...machine.readTokens(),
      provider: `schwab@127.0.0.1:${machine.port}`,
    }),
  );
  assertError(
    await fetchOn(machine, [ACCOUNTS], { env }),
    5,
    /it refused the connection$/,
  );
});

Deno.test("tdauth fetch shows the status and the headers with --include, and all as one value with --json", async () => {
  const body = '{"id": 12345678901234567890,"price":1.10}';
  await using api = await startOwnApi(() =>
    new Response(body, {
      headers: { "x-one": "1", "content-type": "application/json" },
    })
  );
  const { machine, env } = api;
  const { stdout } = await fetchOn(machine, ["-i", "/x"], { env });
  assert.match(stdout, /^HTTP 200 OK\n([\w-]+: .*\n)*x-one: 1\n/);
  assert.ok(stdout.endsWith(`\n\n${body}`));
  const result = await fetchOn(machine, ["/x", "--json"], { env });
  const json = jsonOf(result) as { headers: Record<string, string> };
  assert.equal(json.headers["x-one"], "1");
  assert.match(result.stdout, /"id": 12345678901234567890,\n +"price": 1.10\n/);
});

Deno.test("tdauth fetch indents JSON on a terminal, and lets no response control it", async () => {
  await using api = await startOwnApi(({ url }) =>
    url.endsWith("/json")
      ? new Response('[{"a":1.10}]', {
        headers: { "content-type": "application/json; charset=utf-8" },
      })
      : new Response("\x1b]0;title\x07plain")
  );
  const on = async (path: string) =>
    (await fetchOn(api.machine, [path], { env: api.env, terminal: true }))
      .stdout.replaceAll("\r\n", "\n");
  assert.equal(await on("/json"), '[\n  {\n    "a": 1.10\n  }\n]\n');
  assert.equal(await on("/text"), "\ufffd]0;title\ufffdplain\n");
});

Deno.test({
  ...needsScript(
    "tdauth fetch shows a line's end that comes in two parts on a terminal, and a character that breaks off",
  ),
  fn: async () => {
    const shown = Promise.withResolvers<void>();
    await using api = await startOwnApi(() => {
      return new Response(
        ReadableStream.from((async function* () {
          yield new TextEncoder().encode("one\r");
          await shown.promise;
          yield new Uint8Array([10, 116, 119, 111, 0xe2, 0x82]);
        })()),
      );
    });
    const running = api.machine.start(["fetch", "/x"], {
      env: api.env,
      terminal: true,
    });
    await running.sees(/one/, "stdout");
    shown.resolve();
    const { stdout } = await running.result;
    assert.equal(stdout.replaceAll("\r\n", "\n"), "one\ntwo\ufffd\n");
  },
});

function namesIn(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map(({ name }) => name);
}

function endless(text: string, delay = 0): Response {
  return new Response(
    new ReadableStream({
      async pull(controller) {
        if (delay > 0) {
          await new Promise((resolve) => setTimeout(resolve, delay));
        }
        controller.enqueue(new TextEncoder().encode(text));
      },
    }),
  );
}

for (
  const [args, why] of [
    [["file:///etc/passwd"], /cannot fetch a "file:" URL with the access/],
    [[""], /cannot fetch: the URL is empty$/],
    [["-d", "@.", "/x"], /cannot read "\." for --data: it is a directory$/],
    [["-d", "@", "/x"], /cannot read "" for --data: no file specified$/],
    [["-o", ".", "/x"], /cannot write "\." for --output: it is a directory$/],
    [["-o", "", "/x"], /cannot write "" for --output: no file specified$/],
    [
      ["-o", "link", "/x"],
      /cannot write "link" for --output: its link leads nowhere/,
    ],
    [
      ["-H", "X: €", "/x"],
      /cannot send the header X: its value has characters outside Latin-1/,
    ],
    [["/x", "b"], /'fetch' takes no 'b'$/],
  ] as const
) {
  Deno.test(`tdauth fetch ${args.join(" ")} exits with 2, says what is wrong, and sends nothing`, async () => {
    await using machine = await loggedIn();
    const asked = machine.sandbox.requests.length;
    Deno.symlinkSync("not/there", `${machine.cwd}/link`);
    assertError(await fetchOn(machine, args), 2, why);
    assert.equal(machine.sandbox.requests.length, asked);
  });
}
