import assert from "node:assert/strict";
import { deadEntries, proxyFor } from "../../src/system/proxy.ts";
import { denoProcess } from "../../tools/deno.ts";

const URL_ = "https://api.example.com/token";

for (
  const [what, env, url, expected] of [
    ["none", {}, URL_, undefined],
    [
      "HTTPS_PROXY",
      { HTTPS_PROXY: "http://p.example:3128" },
      URL_,
      "p.example:3128",
    ],
    [
      "a name in lower case",
      { https_proxy: "http://p.example:3128" },
      URL_,
      "p.example:3128",
    ],
    [
      "a host and port alone",
      { HTTPS_PROXY: "p.example:3128" },
      URL_,
      "p.example:3128",
    ],
    [
      "a user name and password",
      { HTTPS_PROXY: "http://CANARY-u:CANARY-p@p.example:3128/" },
      URL_,
      "p.example:3128",
    ],
    [
      "ALL_PROXY",
      { ALL_PROXY: "socks5://p.example:1080" },
      URL_,
      "p.example:1080",
    ],
    [
      "HTTP_PROXY, for https",
      { HTTP_PROXY: "http://p.example:3128" },
      URL_,
      undefined,
    ],
    [
      "HTTP_PROXY, for http",
      { HTTP_PROXY: "http://p.example:3128" },
      "http://127.0.0.1:1/",
      "p.example:3128",
    ],
    [
      "an exempt host",
      { HTTPS_PROXY: "http://p.example:1", NO_PROXY: "x, example.com" },
      URL_,
      undefined,
    ],
    [
      "an exempt domain",
      { HTTPS_PROXY: "http://p.example:1", no_proxy: ".example.com" },
      URL_,
      undefined,
    ],
    [
      "a host that only ends alike",
      { HTTPS_PROXY: "http://p.example:1", NO_PROXY: "ample.com" },
      URL_,
      "p.example:1",
    ],
    [
      "all hosts exempt",
      { HTTPS_PROXY: "http://p.example:1", NO_PROXY: "*" },
      URL_,
      undefined,
    ],
    [
      "an exempt IPv6 address",
      { HTTP_PROXY: "http://p.example:1", NO_PROXY: "::1" },
      "http://[::1]:1/",
      undefined,
    ],
    ["nonsense", { HTTPS_PROXY: "http://" }, URL_, undefined],
  ] as const
) {
  Deno.test(`proxyFor() understands ${what}`, () => {
    const values: Readonly<Record<string, string>> = env;
    assert.equal(proxyFor(url, (name) => values[name]), expected);
  });
}

/** Whether a request of the real runtime goes through the proxy; `proxyFor()` must say the same. */
async function runtimeUses(
  env: Readonly<Record<string, string>>,
  scheme: "http" | "https",
  hostname: string,
): Promise<boolean> {
  const lines: string[] = [];
  const listen = (answer: string) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const done = (async () => {
      for await (const connection of listener) {
        using open = connection;
        const start = new Uint8Array(4096);
        const size = await open.read(start) ?? 0;
        const text = new TextDecoder().decode(start.subarray(0, size));
        lines.push(`${answer} ${text.split("\r\n")[0]}`);
        const body = `HTTP/1.1 418 No\r\nconnection: close\r\n\r\n`;
        await open.write(new TextEncoder().encode(body)).catch(() => {});
      }
    })();
    return { listener, done, port: listener.addr.port };
  };
  const [proxy, target] = [listen("PROXY"), listen("DIRECT")];
  const none = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].flatMap((name) => [
    [name, ""],
    [name.toLowerCase(), ""],
  ]);
  // Of this machine's own none may count.
  const values: Readonly<Record<string, string>> = {
    ...Object.fromEntries(none),
    NO_PROXY: "",
    ...Object.fromEntries(
      Object.entries(env).map(([name, value]) => [
        name,
        value.replace("PORT", String(proxy.port)),
      ]),
    ),
  };
  const url = `${scheme}://${hostname}:${target.port}/`;
  const code = `await fetch(${
    JSON.stringify(url)
  }).then((it) => it.body?.cancel(), () => {})`;
  const { success } = await denoProcess(
    [
      "run",
      "--no-config",
      "--allow-all",
      `data:text/javascript,${encodeURIComponent(code)}`,
    ],
    { env: values, stdout: "null", stderr: "null" },
  ).output();
  for (const { listener, done } of [proxy, target]) {
    listener.close();
    await done;
  }
  assert.ok(success);
  const [line = ""] = lines;
  assert.match(line, /^(PROXY|DIRECT) /, "nothing reached either");
  const expected = proxyFor(url, (name) => values[name]) !== undefined;
  const used = line.startsWith("PROXY ");
  assert.equal(expected, used, `${JSON.stringify(env)} ${url}: ${line}`);
  return used;
}

const HTTP_PROXY = "http://127.0.0.1:PORT";
const HTTPS_PROXY = HTTP_PROXY;
for (
  const [env, scheme, host, used] of [
    [{ HTTPS_PROXY }, "https", "127.0.0.1", true],
    [{ HTTPS_PROXY }, "http", "127.0.0.1", false],
    [{ HTTP_PROXY: "127.0.0.1:PORT" }, "http", "127.0.0.1", true],
    [{ HTTP_PROXY, REQUEST_METHOD: "GET" }, "http", "127.0.0.1", false],
    [
      { HTTP_PROXY: "ftp://x", http_proxy: HTTP_PROXY },
      "http",
      "127.0.0.1",
      true,
    ],
    [
      { ALL_PROXY: HTTP_PROXY, HTTPS_PROXY: "http://127.0.0.1:1" },
      "https",
      "127.0.0.1",
      true,
    ],
    [{ HTTP_PROXY, NO_PROXY: "127.0.0.1" }, "http", "127.0.0.1", false],
    [
      { HTTP_PROXY, NO_PROXY: "10.0.0.0/8 , 127.0.0.0/8" },
      "http",
      "127.0.0.1",
      false,
    ],
    [{ HTTP_PROXY, NO_PROXY: "127.0.0.0/33" }, "http", "127.0.0.1", true],
    [
      { HTTP_PROXY, NO_PROXY: "126.0.0.0/8,128.0.0.0/2" },
      "http",
      "127.0.0.1",
      true,
    ],
    [{ HTTP_PROXY, NO_PROXY: "126.0.0.0/7" }, "http", "127.0.0.1", false],
    [{ HTTP_PROXY, NO_PROXY: "*" }, "http", "127.0.0.1", true],
    [{ HTTP_PROXY, NO_PROXY: "*" }, "http", "localhost", false],
    [{ HTTP_PROXY, NO_PROXY: "127.0.0.0/8" }, "http", "localhost", true],
    [
      { HTTP_PROXY, NO_PROXY: "LOCALHOST,*localhost,localhost:80" },
      "http",
      "localhost",
      true,
    ],
    [{ HTTP_PROXY, NO_PROXY: ".localhost" }, "http", "localhost", false],
    [
      { HTTP_PROXY, NO_PROXY: "", no_proxy: "127.0.0.1" },
      "http",
      "127.0.0.1",
      true,
    ],
    [{ HTTP_PROXY, NO_PROXY: "::/0,[::1]" }, "http", "127.0.0.1", true],
  ] as const
) {
  Deno.test(`proxyFor() agrees with the runtime about ${JSON.stringify(env)} and ${scheme}://${host}`, async () => {
    assert.equal(await runtimeUses(env, scheme, host), used);
  });
}

for (
  const [entry, url, exempt] of [
    ["::1/128", "http://[::1]/", true],
    ["::/96", "http://[::1]/", true],
    ["fd00::/8", "http://[fd12:3456::1]/", true],
    ["fd00::/8", "http://[fe80::1]/", false],
    ["2001:db8::/32", "http://[2001:db8:1::2]/", true],
    ["2001:db8::/33", "http://[2001:db8:8000::2]/", false],
    ["0:0:0:0:0:0:0:1", "http://[::1]/", true],
    ["[::1]", "http://[::1]/", false],
    ["::/0", "http://10.0.0.1/", false],
    ["0.0.0.0/0", "http://[::1]/", false],
    ["10.1.0.0/16", "http://10.1.255.7/", true],
    ["10.1.0.0/16", "http://10.2.0.7/", false],
    ["10.1.0.0/16", "http://10.1.example/", false],
    ["010.1.0.0/16", "http://10.1.0.1/", false],
    ["256.0.0.0/8", "http://10.1.0.1/", false],
    ["*.example.com", "http://api.example.com/", false],
    ["Example.com", "http://api.example.com/", false],
  ] as const
) {
  Deno.test(`proxyFor() finds that NO_PROXY=${entry} ${exempt ? "exempts" : "does not exempt"} ${url}`, () => {
    const env: Readonly<Record<string, string>> = {
      HTTP_PROXY: "http://p.example:1",
      NO_PROXY: entry,
    };
    const found = proxyFor(url, (name) => env[name]);
    assert.equal(found, exempt ? undefined : "p.example:1");
  });
}

Deno.test("deadEntries() finds the entries that exempt nothing", () => {
  assert.deepEqual(
    deadEntries(
      "*, x.example ,.x.example,10.0.0.0/8,::1,fd00::/8,a_b.example,x.example.",
    ),
    [],
  );
  const dead = ["*.x", "X.example", "[::1]", "x:80", "10.0.0.0/33", "a b", "é"];
  assert.deepEqual(deadEntries(dead.join(",")), dead);
});
