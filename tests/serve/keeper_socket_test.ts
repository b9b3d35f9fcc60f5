import assert from "node:assert/strict";
import { openKeeperSocket } from "../../src/serve/keeper_socket.ts";
import { TdauthError } from "../../src/base/errors.ts";
import { failsWith, only, temporaryDirectory } from "../support.ts";
import { AccessToken } from "../../src/token/token.ts";
import { testSocket } from "./socket_support.ts";

const NEVER = () => Promise.resolve(new Response("other"));

/** The mode of what is at a path. */
const modeOf = (path: string) => (Deno.lstatSync(path).mode ?? 0) & 0o777;

Deno.test(
  only(
    "Unix",
    "the keeper's socket is 0600 in a directory 0700, and gone at the end",
  ),
  async () => {
    const { path, directory, fetch, [Symbol.asyncDispose]: end } =
      await testSocket();
    assert.equal(modeOf(path), 0o600);
    assert.equal(modeOf(directory), 0o700);
    assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), [
      "keeper.sock",
    ]);
    assert.equal((await fetch("/tdauth/v1/status")).status, 200);
    await end();
    assert.throws(() => Deno.lstatSync(path), Deno.errors.NotFound);
  },
);

Deno.test(
  only(
    "Unix",
    "the keeper's socket answers what was asked before it closed, and waits no longer than it may",
  ),
  async () => {
    const answer = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const open = await testSocket({
      async status() {
        asked.resolve();
        await answer.promise;
        return { late: true };
      },
    });
    const late = open.fetch("/tdauth/v1/status");
    await asked.promise;
    let isClosed = false;
    const closed = open.socket.close().then(() => isClosed = true);
    await assert.rejects(Deno.connect({ transport: "unix", path: open.path }));
    assert.equal(isClosed, false);
    answer.resolve();
    assert.equal((await (await late).json()).late, true);
    await closed;
    await open[Symbol.asyncDispose]();

    await using stuck = await testSocket();
    using half = await Deno.connect({ transport: "unix", path: stuck.path });
    await half.write(
      new TextEncoder().encode(
        "POST /tdauth/v1/token HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab",
      ),
    );
    const cut = new AbortController();
    const waits = stuck.socket.close(cut.signal);
    cut.abort();
    await waits;
  },
);

Deno.test(
  only(
    "Unix",
    "the keeper's socket replaces what a killed server left, and leaves that of a live one alone",
  ),
  async () => {
    await using first = await testSocket();
    const error = await failsWith(
      "busy",
      openKeeperSocket({ directory: first.directory }, first.path, NEVER),
    );
    assert.match(error.message, /another server listens at it$/);
    const { profile } = await (await first.fetch("/tdauth/v1/status")).json();
    assert.equal(profile, "default");

    await using directory = temporaryDirectory();
    const run = `${directory.path}/run`;
    Deno.mkdirSync(run, { mode: 0o700 });
    const path = `${run}/keeper.sock`;
    const killed = Deno.listen({ transport: "unix", path });
    Deno.renameSync(path, `${path}.kept`); // close() would remove it
    killed.close();
    Deno.renameSync(`${path}.kept`, path);
    await assert.rejects(Deno.connect({ transport: "unix", path }));
    await using socket = await openKeeperSocket(
      { directory: run },
      path,
      NEVER,
    );
    (await Deno.connect({ transport: "unix", path: socket.path })).close();
  },
);

for (
  const [what, why, prepare] of [
    ["a link", /it is a link$/, (run: string, home: string) => {
      Deno.mkdirSync(`${home}/real`, { mode: 0o700 });
      Deno.symlinkSync(`${home}/real`, run);
    }],
    ["open to others", /other users can access it$/, (run: string) => {
      Deno.mkdirSync(run);
      Deno.chmodSync(run, 0o755);
    }],
    ["a file", /it is no directory$/, (run: string) => {
      Deno.writeTextFileSync(run, "");
    }],
  ] as const
) {
  Deno.test(
    only("Unix", `the keeper's socket is in no directory that is ${what}`),
    async () => {
      await using home = temporaryDirectory();
      const directory = `${home.path}/run`;
      prepare(directory, home.path);
      const error = await failsWith(
        "cache_unreadable",
        openKeeperSocket({ directory }, `${directory}/keeper.sock`, NEVER),
      );
      assert.match(error.message, why);
    },
  );
}

for (const what of ["file", "link", "directory"] as const) {
  Deno.test(
    only("Unix", `the keeper's socket replaces no ${what} of its name`),
    async () => {
      await using home = temporaryDirectory();
      const directory = `${home.path}/run`;
      Deno.mkdirSync(directory, { mode: 0o700 });
      const path = `${directory}/keeper.sock`;
      if (what === "file") Deno.writeTextFileSync(path, "mine");
      if (what === "link") Deno.symlinkSync(`${home.path}/elsewhere`, path);
      if (what === "directory") Deno.mkdirSync(path);
      const error = await failsWith(
        "cache_unreadable",
        openKeeperSocket({ directory }, path, NEVER),
      );
      assert.match(
        error.message,
        new RegExp(`a ${what} of this name is there$`),
      );
      assert.ok(Deno.lstatSync(path));
    },
  );
}

Deno.test(
  only(
    "Unix",
    "half a request, and a body that never comes, hold no other request up",
  ),
  async () => {
    await using socket = await testSocket();
    const { path } = socket;
    const halves = await Promise.all(
      Array.from(
        { length: 100 },
        () => Deno.connect({ transport: "unix", path }),
      ),
    );
    try {
      for (const [index, half] of halves.entries()) {
        await half.write(new TextEncoder().encode(
          index % 2 === 0
            ? "GET /tdauth/v1/status HTTP/1.1\r\nHo"
            : "POST /tdauth/v1/token HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab",
        ));
      }
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => socket.fetch("/tdauth/v1/status")),
      );
      for (const answer of answers) {
        assert.equal(answer.status, 200);
        await answer.body?.cancel();
      }
    } finally {
      for (const half of halves) half.close();
    }
  },
);

Deno.test(
  only(
    "Unix",
    "the keeper's socket answers a token as tdauth token --json, with whose it is",
  ),
  async () => {
    const asked: unknown[] = [];
    await using socket = await testSocket({
      token(question) {
        asked.push(question);
        return Promise.resolve({
          accessToken: new AccessToken({
            token: "ACCESS",
            accessTime: Math.floor(Date.now() / 1000),
            expiresIn: 1800,
          }),
          provider: "questrade",
          apiOrigin: "https://api05.iq.example",
        });
      },
    });
    const answer = await socket.fetch(
      "/tdauth/v1/token?profile=work&min_valid=90",
    );
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("content-type"), "application/json");
    assert.equal(answer.headers.get("cache-control"), "no-store");
    const { expires_at, expires_in, issued_at, ...rest } = await answer.json();
    assert.deepEqual(rest, {
      access_token: "ACCESS",
      token_type: "Bearer",
      provider: "questrade",
      api_origin: "https://api05.iq.example",
    });
    assert.ok(Math.abs(expires_at - Date.now() / 1000 - expires_in) < 60);
    assert.equal(issued_at, expires_at - 1800);
    for (
      const body of ["OLD", "Bearer OLD\n", "Authorization: Bearer OLD\r\n"]
    ) {
      const again = await socket.fetch("/tdauth/v1/token", {
        method: "POST",
        body,
      });
      assert.equal(again.status, 200);
      await again.body?.cancel();
    }
    assert.deepEqual(asked, [
      { profile: "work", minValid: 90, rejected: undefined },
      ...[1, 2, 3].map(() => ({
        profile: "default",
        minValid: undefined,
        rejected: "OLD",
      })),
    ]);
  },
);

Deno.test(
  only(
    "Unix",
    "the keeper's socket answers a token without a known end with null",
  ),
  async () => {
    await using socket = await testSocket({
      token: () =>
        Promise.resolve({
          accessToken: new AccessToken({ token: "A", expiresIn: Infinity }),
          provider: "schwab",
          apiOrigin: undefined,
        }),
    });
    const { expires_at, expires_in } =
      await (await socket.fetch("/tdauth/v1/token")).json();
    assert.deepEqual([expires_at, expires_in], [null, null]);
  },
);

for (
  const [code, status] of [
    ["login_needed", 503],
    ["busy", 503],
    ["broker_unavailable", 502],
    ["invalid_options", 400],
    ["cache_sealed", 500],
  ] as const
) {
  Deno.test(
    only(
      "Unix",
      `the keeper's socket answers ${code} as a problem with status ${status}`,
    ),
    async () => {
      await using socket = await testSocket({
        token: () =>
          Promise.reject(
            new TdauthError(code, "Cannot get it: so it is", {
              hint: { text: "log in:", command: ["login"] },
            }),
          ),
      });
      const answer = await socket.fetch("/tdauth/v1/token");
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get("tdauth-error"), code);
      assert.equal(
        answer.headers.get("content-type"),
        "application/problem+json",
      );
      const { title, ...problem } = await answer.json();
      assert.match(title, /^[A-Z]/);
      assert.deepEqual(problem, {
        type: "about:blank",
        status,
        detail: "Cannot get it: so it is",
        code,
        hint: "log in: tdauth login",
      });
    },
  );
}

Deno.test(
  only(
    "Unix",
    "the keeper's socket tells nothing of an error that is not tdauth's, and logs it",
  ),
  async () => {
    const errors: unknown[] = [];
    await using socket = await testSocket({
      token: () => Promise.reject(new Error("CANARY")),
      onError: (error) => errors.push(error),
    });
    const answer = await socket.fetch("/tdauth/v1/token");
    assert.equal(answer.status, 500);
    assert.doesNotMatch(await answer.text(), /CANARY/);
    assert.match(String(errors), /CANARY/);
  },
);

/** The status and the code of a raw answer. */
function summary(answer: string): string {
  const [, status] = /^HTTP\/1\.1 (\d+)/.exec(answer) ?? [];
  const [, code = "-"] = /\r\ntdauth-error: (\S+)/i.exec(answer) ?? [];
  return `${status} ${code}`;
}

for (
  const [first, headers, expected] of [
    ["GET /tdauth/v1/token", "", "200 -"],
    ["GET http://a/tdauth/v1/token", "", "200 -"],
    ["GET http://b/tdauth/v1/token", "", "400 bad_target"],
    ["GET /tdauth/v1/../v1/token", "", "400 bad_target"],
    ["GET /tdauth/v1\\token", "", "400 bad_target"],
    ["GET /tdauth/v1/%74oken", "", "400 bad_target"],
    ["GET //tdauth/v1/token", "", "404 not_found"],
    ["GET /", "", "404 not_found"],
    ["GET /tdauth/v1/token/", "", "404 not_found"],
    ["GET /constructor", "", "404 not_found"],
    ["CONNECT a:1", "", "400 bad_target"],
    ["DELETE /tdauth/v1/token", "", "405 method_not_allowed"],
    ["HEAD /tdauth/v1/token", "", "405 method_not_allowed"],
    ["OPTIONS /tdauth/v1/token", "", "405 method_not_allowed"],
    ["POST /tdauth/v1/status", "", "405 method_not_allowed"],
    ["GET /tdauth/v1/token", "Origin: null\r\n", "403 browser_refused"],
    ["GET /tdauth/v1/token", "Sec-Fetch-Site: none\r\n", "403 browser_refused"],
    ["GET /tdauth/v1/token?min_valid=-1", "", "400 invalid_options"],
    ["GET /tdauth/v1/token?min_valid=1e9", "", "400 invalid_options"],
    ["GET /tdauth/v1/token?min_valid=99999999", "", "400 invalid_options"],
    ["GET /tdauth/v1/token?profile=-x", "", "400 invalid_options"],
    ["GET /tdauth/v1/token?profile=a&profile=b", "", "400 bad_target"],
    ["GET /tdauth/v1/token?refresh=1", "", "400 invalid_options"],
    ["GET /tdauth/v1/status?min_valid=1", "", "400 invalid_options"],
    ["POST /tdauth/v1/token", "", "400 invalid_options"],
    ["POST /tdauth/v1/token", "Content-Length: 65537\r\n", "413 too_large"],
  ] as const
) {
  Deno.test(
    only(
      "Unix",
      `the keeper's socket answers ${first} ${headers.trim()} with ${expected}`,
    ),
    async () => {
      await using socket = await testSocket();
      const answer = await socket.raw(
        `${first} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${headers}\r\n`,
      );
      assert.equal(summary(answer), expected, answer);
    },
  );
}

Deno.test(
  only(
    "Unix",
    "the keeper's socket reads no more than 64 KiB of a body that does not say its length",
  ),
  async () => {
    await using socket = await testSocket();
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (++sent > 1000) return controller.close();
        controller.enqueue(new Uint8Array(10_000).fill(65));
      },
    });
    const answer = await socket.fetch("/tdauth/v1/token", {
      method: "POST",
      body,
    })
      .then((answer) => answer.status, () => 413); // it may be cut while it sends
    assert.equal(answer, 413);
    assert.ok(sent < 1000, `${sent}`);
  },
);
