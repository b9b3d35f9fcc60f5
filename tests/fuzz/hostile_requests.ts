/** Requests as no browser sends them, as bytes. */
import fc from "fast-check";

/** What no answer may repeat: markup and a quote, which a page would have to escape. */
export const MARK = `<zq7 x='"&>`;
/** A code that no output may show. */
export const CANARY_CODE = "CANARY-FUZZ-CODE";

/** The login that is under attack; the requests know all about it but do everything else wrong. */
export interface Victim {
  readonly scheme: "http" | "https";
  readonly port: number;
  /** The callback URL's path. */
  readonly path: string;
  /** The right state, to make wrong ones of. */
  readonly state: string;
}

/** What is sent through one connection. */
export interface Conversation {
  /** One character a byte. */
  readonly requests: readonly string[];
  /** Where the bytes are split, as parts of their length. */
  readonly splits: readonly number[];
  /** How much of the bytes is sent at all: 1 is everything. */
  readonly part: number;
  /** Whether the client shuts its side when it has sent all. */
  readonly halfClose: boolean;
  /** Whether it leaves without reading. */
  readonly deaf: boolean;
}

/** Makes conversations with a victim, none of which holds its right state where it would count. */
export function conversations(victim: Victim): fc.Arbitrary<Conversation> {
  return fc.record({
    requests: fc.array(request(victim), { minLength: 1, maxLength: 4 }),
    splits: fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      {
        weight: 1,
        arbitrary: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
          maxLength: 5,
        }),
      },
    ),
    part: fc.oneof(
      { weight: 4, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
    ),
    halfClose: fc.nat(9).map((n) => n === 0),
    deaf: fc.nat(19).map((n) => n === 0),
  });
}

function request(victim: Victim): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 8, arbitrary: wellFormed(victim) },
    { weight: 2, arbitrary: oneThingWrong(victim) },
    { weight: 3, arbitrary: malformed(victim) },
    { weight: 1, arbitrary: bytes(200) },
  );
}

/** A request that parses, with a wrong method, path, Host or query. */
function wellFormed(victim: Victim): fc.Arbitrary<string> {
  return fc.tuple(
    method,
    target(victim),
    host(victim),
    fc.array(header, { maxLength: 4 }),
    body,
  ).map(([method, target, host, headers, [more, body]]) =>
    [
      `${method} ${target} HTTP/1.1`,
      ...host.map((name) => `Host: ${name}`),
      ...headers,
      ...more,
      "",
      body,
    ].join("\r\n")
  );
}

/** The right state, and one thing that must spoil it. */
function oneThingWrong(victim: Victim): fc.Arbitrary<string> {
  const { path, state, port, scheme } = victim;
  const good = `code=${CANARY_CODE}&state=${state}`;
  const self = `127.0.0.1:${port}`;
  const wrong: readonly (readonly [string, string, string])[] = [
    ["POST", `${path}?${good}`, self],
    ["HEAD", `${path}?${good}`, self],
    ["GET\t", `${path}?${good}`, self],
    ["get", `${path}?${good}`, self],
    ["GET", `${path}x?${good}`, self],
    ["GET", `${path}%2e?${good}`, self],
    ["GET", `/.${path}?${good}`, self],
    ["GET", `${path};?${good}`, self],
    ["GET", `${path}#?${good}`, self],
    ["GET", `${path}?${good}`, "evil.example"],
    ["GET", `${path}?${good}`, `${self}.evil.example`],
    ["GET", `${path}?${good}`, `evil.example@${self}`],
    ["GET", `${path}?${good}`, `127.0.0.1:${port + 1}`],
    ["GET", `${path}?${good}`, ""],
    ["GET", `${scheme}://evil.example${path}?${good}`, self],
    ["GET", `//evil.example${path}?${good}`, self],
    ["GET", `${path}?${good}&state=${state}`, self],
    ["GET", `${path}?${good}&code=b`, self],
    ["GET", `${path}?${good}&error=b`, self],
    ["GET", `${path}?${good}&iss=a&iss=b`, self],
    ["GET", `${path}?${good}&x=${"x".repeat(17_000)}`, self],
    ["GET", `${path}?state=${state}`, self],
    ["GET", `${path}?code=&state=${state}`, self],
  ];
  return fc.constantFrom(...wrong).map(([method, target, host]) =>
    `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
  );
}

/** What is not HTTP, or not quite. */
function malformed({ port, path }: Victim): fc.Arbitrary<string> {
  const host = `Host: 127.0.0.1:${port}`;
  const line = `GET ${path}?code=${CANARY_CODE}&state=x HTTP/1.1`;
  return fc.oneof(
    fc.constantFrom(
      "",
      "\r\n\r\n\r\n",
      "GET\r\n\r\n",
      `${line}\n${host}\n\n`,
      `${line}\r${host}\r\r`,
      `${line}\r\n${host}\r\n${host}\r\n\r\n`,
      `${line}\r\n\r\n`,
      `${line}\r\n ${host}\r\n\r\n`,
      `${line}\r\n${host}\r\nX: a\r\n folded\r\n\r\n`,
      `${line}\r\n${host}\0\r\n\r\n`,
      `GET ${path}?state=\0&code=a HTTP/1.1\r\n${host}\r\n\r\n`,
      `GET ${path}?state=%00%ff%fe&code=%c0%af HTTP/1.1\r\n${host}\r\n\r\n`,
      `GET ${path}?state=\xff\xfe&code=\xc0\xaf HTTP/1.1\r\n${host}\r\n\r\n`,
      `GET ${path}?%zz=%&state=%u0041 HTTP/1.1\r\n${host}\r\n\r\n`,
      `${line.replace("1.1", "1.0")}\r\n\r\n`,
      `${line.replace("1.1", "0.9")}\r\n\r\n`,
      `${line.replace("1.1", "9.9")}\r\n${host}\r\n\r\n`,
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
      `OPTIONS * HTTP/1.1\r\n${host}\r\n\r\n`,
      `CONNECT evil.example:443 HTTP/1.1\r\n${host}\r\n\r\n`,
      `${line}\r\n${host}\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQ\r\n\r\n`,
      `${line}\r\n${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
      `${line}\r\n${host}\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n`,
      `POST ${path} HTTP/1.1\r\n${host}\r\nContent-Length: 99999999999999999999\r\n\r\nx`,
      `POST ${path} HTTP/1.1\r\n${host}\r\nContent-Length: -1\r\n\r\nx`,
      `POST ${path} HTTP/1.1\r\n${host}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx`,
      `POST ${path} HTTP/1.1\r\n${host}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      `POST ${path} HTTP/1.1\r\n${host}\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx`,
      `POST ${path} HTTP/1.1\r\n${host}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n`,
      `POST ${path} HTTP/1.1\r\n${host}\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`,
      `GET ${path} HTTP/1.1\r\n${host}\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nTrailer: z\r\n\r\n`,
    ),
    fc.constantFrom(100, 20_000, 500_000).map((size) =>
      `${line}\r\n${host}\r\nX-Long: ${"x".repeat(size)}\r\n\r\n`
    ),
    fc.constantFrom(99, 101, 2_000).map((count) =>
      `${line}\r\n${host}\r\n${"X-Many: x\r\n".repeat(count)}\r\n`
    ),
    fc.constantFrom(16_000, 70_000, 300_000).map((size) =>
      `GET ${path}?state=${"x".repeat(size)} HTTP/1.1\r\n${host}\r\n\r\n`
    ),
  );
}

const method = fc.oneof(
  { weight: 6, arbitrary: fc.constant("GET") },
  {
    weight: 2,
    arbitrary: fc.constantFrom("HEAD", "POST", "PUT", "DELETE", "TRACE", "X"),
  },
  {
    weight: 1,
    arbitrary: fc.stringMatching(/^[A-Za-z!#$%&'*+.^_`|~-]{1,12}$/),
  },
);

function target({ path, port, scheme }: Victim): fc.Arbitrary<string> {
  return fc.tuple(
    fc.oneof(
      { weight: 4, arbitrary: fc.constant(path) },
      { weight: 1, arbitrary: fc.constant("/favicon.ico") },
      {
        weight: 1,
        arbitrary: fc.constant(`${scheme}://127.0.0.1:${port}${path}`),
      },
      { weight: 2, arbitrary: printable(20).map((text) => `/${text}`) },
    ),
    fc.array(
      fc.tuple(
        fc.oneof(
          fc.constantFrom("code", "state", "error", "iss", "session", "x"),
          fc.constantFrom("%63ode", "STATE", "state[]", "error_description"),
          printable(8),
        ),
        value,
      ).map((pair) => pair.join("=")),
      { maxLength: 5 },
    ),
  ).map(([path, query]) =>
    query.length === 0 ? path : `${path}?${query.join("&")}`
  );
}

const value = fc.oneof(
  fc.constantFrom(
    "",
    CANARY_CODE,
    "access_denied",
    encodeURIComponent(MARK),
    // As browsers must not and others may: raw.
    MARK.replaceAll(" ", "+"),
    "%00",
    "%",
    "%E0%A4%A",
  ),
  printable(30),
);

function host({ port }: Victim): fc.Arbitrary<readonly string[]> {
  const self = `127.0.0.1:${port}`;
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant([self]) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        [],
        [self, self],
        ["evil.example"],
        [
          self,
          "evil.example",
        ],
        [`${self}:${self}`],
        ["[::1"],
        [`127.1:${port}`],
        [`${self}.`],
      ),
    },
    { weight: 1, arbitrary: printable(20).map((name) => [name]) },
  );
}

const header = fc.oneof(
  fc.constantFrom(
    "Connection: keep-alive",
    "Connection: close",
    "Accept-Encoding: gzip, br",
    "Origin: https://evil.example",
    "Range: bytes=0-1",
    "If-None-Match: *",
    "X-Forwarded-Host: evil.example",
    "X-HTTP-Method-Override: GET",
    `Referer: ${MARK}`,
    `X-Mark: ${MARK}`,
    "Cookie: state=x; code=y",
  ),
  fc.tuple(fc.stringMatching(/^[A-Za-z-]{1,12}$/), printable(40))
    .filter(([name]) =>
      !/^(host|content-length|te|transfer-encoding)$/i.test(name)
    )
    .map(([name, text]) => `${name}: ${text}`),
);

/** Headers and a body that fit each other. */
const body: fc.Arbitrary<readonly [readonly string[], string]> = fc.oneof(
  { weight: 4, arbitrary: fc.constant([[], ""] as const) },
  {
    weight: 1,
    arbitrary: bytes(200).map((text) =>
      [[`Content-Length: ${text.length}`], text] as const
    ),
  },
  {
    weight: 1,
    arbitrary: fc.array(bytes(40).filter((text) => text !== ""), {
      maxLength: 3,
    }).map((parts) =>
      [
        ["Transfer-Encoding: chunked"],
        [...parts, ""].map((part) =>
          `${part.length.toString(16)}\r\n${part}\r\n`
        ).join(""),
      ] as const
    ),
  },
);

/** Visible ASCII without a space. */
function printable(maxLength: number): fc.Arbitrary<string> {
  return fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) =>
      String.fromCharCode(code)
    ),
    maxLength,
  });
}

function bytes(maxLength: number): fc.Arbitrary<string> {
  return fc.string({
    unit: fc.nat(255).map((code) => String.fromCharCode(code)),
    maxLength,
  });
}
