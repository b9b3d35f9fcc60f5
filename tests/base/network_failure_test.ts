/** Sockets, proxies, names and certificates that really fail, on loopback. */
import assert from "node:assert/strict";
import {
  networkFailure,
  type NetworkProblem,
  networkReason,
} from "../../src/base/network_failure.ts";
import {
  generateEphemeralKeys,
  makeWith,
} from "../../src/certificate/local_ca.ts";
import { reservePort } from "../support.ts";

/** What a server does with a connection. */
type Conduct = (connection: Deno.Conn) => Promise<unknown>;

const write = (connection: Deno.Conn, text: string) =>
  connection.write(new TextEncoder().encode(text));
const request = (connection: Deno.Conn) =>
  connection.read(new Uint8Array(4096));

/** A server that treats every connection alike, and then closes it. */
function listen(conduct: Conduct): AsyncDisposable & { readonly port: number } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const running = (async () => {
    for await (const connection of listener) {
      await conduct(connection).catch(() => {});
      try {
        connection.close();
      } catch {
        // closed by the other side
      }
    }
  })();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await running;
    },
  };
}

/** What `fetch` or reading the body throws; the URL is full of other reasons' words. */
async function failureOf(
  origin: string,
  init: RequestInit & { client?: Deno.HttpClient } = {},
): Promise<unknown> {
  const url = `${origin}/refused/certificate/dns-error?tunnel=timeout)expired`;
  try {
    const response = await fetch(url, { method: "POST", body: "x", ...init });
    await response.text();
  } catch (error) {
    return error;
  }
  return assert.fail("there was a response");
}

const CONDUCTS: readonly (readonly [string, Conduct])[] = [
  ["closes after the request", request],
  ["closes at once", () => Promise.resolve()],
  ["ends in the body", async (connection) => {
    await request(connection);
    await write(connection, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc");
  }],
  ["ends in a chunk", async (connection) => {
    await request(connection);
    const head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    await write(connection, `${head}5\r\nabc`);
  }],
  ["speaks another protocol", async (connection) => {
    await request(connection);
    await write(connection, "220 mail.example ESMTP\r\n");
  }],
];

for (const [what, conduct] of CONDUCTS) {
  Deno.test(`networkFailure() knows that the request went out to a server that ${what}`, async () => {
    await using server = listen(conduct);
    const error = await failureOf(`http://127.0.0.1:${server.port}`);
    const { problem, lost, unsent } = networkFailure(error);
    assert.deepEqual({ problem, lost, unsent }, {
      problem: "cut",
      lost: true,
      unsent: false,
    });
    assert.equal(
      networkReason(error),
      "the connection failed or was reset",
    );
  });
}

/** Checks a failure that came before the request, and its words. */
function assertUnsent(
  error: unknown,
  problem: NetworkProblem,
  reason: string,
  proxy?: string,
): void {
  const failure = networkFailure(error);
  assert.deepEqual(
    { problem: failure.problem, unsent: failure.unsent, lost: failure.lost },
    { problem, unsent: true, lost: false },
    failure.words,
  );
  assert.equal(networkReason(error, proxy), reason);
  assert.match(failure.words, /^client error \(Connect\): /);
  assert.doesNotMatch(failure.words, /127\.0\.0\.1|:\/\/|timeout\)/);
}

Deno.test("networkFailure() knows a port on which nothing listens", async () => {
  using reserved = reservePort();
  const error = await failureOf(`http://127.0.0.1:${reserved.port}`);
  assertUnsent(error, "refused", "it refused the connection");
});

Deno.test("networkFailure() knows a name that does not resolve, whatever it is called", async () => {
  const error = await failureOf("http://connection-refused.invalid");
  assertUnsent(error, "name", "its name does not resolve: is the network up?");
});

Deno.test("networkFailure() knows a request that takes too long", async () => {
  const end = Promise.withResolvers<void>();
  await using server = listen(() => end.promise);
  const error = await failureOf(`http://127.0.0.1:${server.port}`, {
    signal: AbortSignal.timeout(50),
  });
  end.resolve();
  const { problem, lost, unsent } = networkFailure(error);
  assert.deepEqual([problem, lost, unsent], ["timeout", false, false]);
  assert.equal(networkReason(error), "it timed out");
});

Deno.test("networkFailure() knows a server without TLS", async () => {
  await using plain = listen(async (connection) => {
    await request(connection);
    await write(connection, "HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  const error = await failureOf(`https://127.0.0.1:${plain.port}`);
  assertUnsent(error, "tls", "the TLS handshake failed");
  await using closing = listen(request);
  const eof = await failureOf(`https://127.0.0.1:${closing.port}`);
  assert.equal(networkFailure(eof).unsent, true);
});

Deno.test("networkFailure() tells a certificate that is not trusted from one that has expired", async () => {
  const now = Math.floor(Date.now() / 1000);
  const year = 31_557_600;
  for (
    const [time, trusted, problem, reason] of [
      [
        now,
        false,
        "certificate",
        "its TLS certificate is not trusted on this machine",
      ],
      [
        now - 2 * year,
        true,
        "certificate time",
        "its TLS certificate has expired or is not valid yet",
      ],
      [
        now + 2 * year,
        true,
        "certificate time",
        "its TLS certificate has expired or is not valid yet",
      ],
    ] as const
  ) {
    const { ca, cert, key } = await makeWith(
      await generateEphemeralKeys(),
      time,
    );
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, cert: cert + ca, key, onListen() {} },
      () => new Response(),
    );
    using client = Deno.createHttpClient({ caCerts: trusted ? [ca] : [] });
    const error = await failureOf(`https://127.0.0.1:${server.addr.port}`, {
      client,
    });
    assertUnsent(error, problem, reason);
  }
});

/** A request over TLS to a host that only the proxy could reach. */
async function throughProxy(proxy: string): Promise<unknown> {
  using client = Deno.createHttpClient({ proxy: { url: `http://${proxy}` } });
  return await failureOf("https://api.example.invalid", { client });
}

const PROXIES: readonly (readonly [number, NetworkProblem, string])[] = [
  [
    407,
    "proxy password",
    "the proxy PROXY requires a user name and password (407)",
  ],
  [403, "proxy", "the proxy PROXY did not connect to it"],
  [502, "proxy", "the proxy PROXY did not connect to it"],
];

for (const [status, problem, reason] of PROXIES) {
  Deno.test(`networkFailure() names the proxy that answers ${status}`, async () => {
    await using server = listen(async (connection) => {
      await request(connection);
      await write(
        connection,
        `HTTP/1.1 ${status} No\r\nproxy-authenticate: Basic realm="x"\r\ncontent-length: 0\r\n\r\n`,
      );
    });
    const proxy = `127.0.0.1:${server.port}`;
    const error = await throughProxy(proxy);
    assertUnsent(error, problem, reason.replace("PROXY", proxy), proxy);
    // Without a variable the proxy is not known, as with a client of the caller's own.
    assertUnsent(error, problem, reason.replace(" PROXY", ""));
  });
}

Deno.test("networkFailure() names the proxy that is not there", async () => {
  using reserved = reservePort();
  const proxy = `127.0.0.1:${reserved.port}`;
  const refused = await throughProxy(proxy);
  assertUnsent(
    refused,
    "refused",
    `the proxy ${proxy} refused the connection`,
    proxy,
  );
  const unknown = await throughProxy("no-proxy.invalid:3128");
  assertUnsent(
    unknown,
    "name",
    "the name of the proxy no-proxy.invalid:3128 does not resolve: is the network up?",
    "no-proxy.invalid:3128",
  );
  await using closing = listen(request);
  const at = `127.0.0.1:${closing.port}`;
  const closed = await throughProxy(at);
  assert.equal(networkFailure(closed).unsent, true);
  assert.match(networkReason(closed, at), new RegExp(`^the proxy ${at} `));
});

Deno.test("networkFailure() goes by the cause's code where the runtime has one", () => {
  const failed = (code: string) =>
    networkFailure(
      new TypeError("fetch failed", {
        cause: Object.assign(new Error("connect to refused.example"), { code }),
      }),
    );
  for (
    const [code, problem, unsent] of [
      ["ECONNREFUSED", "refused", true],
      ["ENOTFOUND", "name", true],
      ["CERT_HAS_EXPIRED", "certificate time", true],
      ["DEPTH_ZERO_SELF_SIGNED_CERT", "certificate", true],
      ["UND_ERR_SOCKET", "cut", false],
      ["toString", "unknown", false],
    ] as const
  ) {
    const failure = failed(code);
    assert.deepEqual(
      [failure.problem, failure.unsent],
      [problem, unsent],
      code,
    );
  }
});

Deno.test("networkFailure() takes no name in a certificate's error for a reason", () => {
  const { problem } = networkFailure(
    new TypeError("fetch failed", {
      cause: new Error(
        'error sending request for url (https://expired.example/): client error (Connect): invalid peer certificate: certificate not valid for name "expired.example"; certificate is only valid for DnsName("tunnel.example")',
      ),
    }),
  );
  assert.equal(problem, "certificate");
});

Deno.test("networkFailure() says nothing of what it does not know", () => {
  for (
    const error of [new Error("x"), "refused", undefined, { code: "EPIPE" }]
  ) {
    const { problem, lost, unsent } = networkFailure(error);
    assert.deepEqual([problem, lost, unsent], ["unknown", false, false]);
  }
});
