import assert from "node:assert/strict";
import { proxyFor } from "../../src/system/proxy.ts";

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
