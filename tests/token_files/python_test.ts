/** What Python programs write is read, and what is written for them Python reads as they do. */
import assert from "node:assert/strict";
import {
  AccessToken,
  RefreshToken,
  type Tokens,
} from "../../src/token/token.ts";
import { formatNamed } from "../../src/token_files/formats.ts";
import { parseTokenFile } from "../../src/token_files/parse_token_file.ts";
import { Reading } from "../../src/token_files/reading.ts";
import { readSchwabdev3 } from "../../src/token_files/schwabdev_3.ts";
import {
  formatTokenFile,
  writeTokenFile,
} from "../../src/token_files/write_token_file.ts";
import { failsWith, temporaryDirectory } from "../support.ts";

const LOGIN = 1_800_000_000;
const ISSUED = LOGIN + 86_400;
const now = () => ISSUED * 1000;
const TOKENS: Tokens = {
  refreshToken: new RefreshToken({
    token: "CANARY-R",
    accessTime: LOGIN,
    expiresIn: 604_800,
  }),
  accessToken: new AccessToken({
    token: "CANARY-A",
    accessTime: ISSUED,
    expiresIn: 1800,
  }),
};

const python = hasPython();

function hasPython(): boolean {
  try {
    return new Deno.Command("python3", { args: ["-c", "import sqlite3"] })
      .outputSync().success;
  } catch {
    return false;
  }
}

/** Runs a Python program in a directory of the test's own; it prints one JSON value. */
function run(program: string, cwd: string, ...args: string[]): unknown {
  const { success, stdout, stderr } = new Deno.Command("python3", {
    args: ["-c", program, ...args],
    cwd,
  }).outputSync();
  assert.ok(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout) || "null");
}

function pythonTest(
  name: string,
  test: (directory: string) => Promise<void>,
): void {
  Deno.test(
    python ? name : `${name} (ignored: there is no python3 with sqlite3)`,
    { ignore: !python },
    async () => {
      await using directory = temporaryDirectory();
      await test(directory.path);
    },
  );
}

/** The table as Schwabdev 3 makes it, and a row in it: five texts and three values as JSON. */
const WRITE_ROW = `
import json, sqlite3, sys
c = sqlite3.connect("tokens.db")
c.execute("""CREATE TABLE IF NOT EXISTS schwabdev (access_token_issued TEXT NOT NULL,
  refresh_token_issued TEXT NOT NULL, access_token TEXT NOT NULL, refresh_token TEXT NOT NULL,
  id_token TEXT NOT NULL, expires_in INTEGER, token_type TEXT, scope TEXT)""")
c.executemany("INSERT INTO schwabdev VALUES (?,?,?,?,?,?,?,?)", json.loads(sys.argv[1]))
c.commit()
`;
const ROW = [
  "2027-01-16T08:00:00.250000",
  "2027-01-15T08:00:00+00:00",
  "CANARY-A",
  "CANARY-R",
  "CANARY-J",
  1800,
  "Bearer",
  "api",
];
const READ_ROW = `
import json, sqlite3
from datetime import datetime
row = sqlite3.connect("tokens.db").execute("SELECT access_token_issued, refresh_token_issued, access_token, refresh_token, id_token, expires_in, token_type, scope FROM schwabdev").fetchall()
assert len(row) == 1
a, r, *rest = row[0]
print(json.dumps([datetime.fromisoformat(a).timestamp(), datetime.fromisoformat(r).timestamp(), *rest]))
`;

pythonTest(
  "parseTokenFile() rejects Python's pickles of every protocol, and runs no code of them",
  async (directory) => {
    const programs = [
      "json.loads(sys.argv[2])",
      "collections.OrderedDict(json.loads(sys.argv[2]))",
      "Evil()",
    ];
    const token = JSON.stringify({ access_token: "CANARY-A" });
    for (const program of programs) {
      for (const protocol of ["0", "1", "2", "3", "4", "5"]) {
        run(
          `
import collections, json, os, pickle, sys
class Evil(dict):
    def __reduce__(self): return (open, ("ran", "w"))
pickle.dump(${program}, open("token.pickle", "wb"), int(sys.argv[1]))
`,
          directory,
          protocol,
          token,
        );
        const bytes = Deno.readFileSync(`${directory}/token.pickle`);
        const error = await failsWith(
          "token_file_failed",
          parseTokenFile(bytes),
        );
        assert.match(error.message, /: it is a Python pickle \(/, protocol);
        assert.doesNotMatch(Deno.inspect(error), /CANARY/);
      }
    }
    assert.throws(() => Deno.statSync(`${directory}/ran`));
  },
);

pythonTest(
  "parseTokenFile() reads the database that Schwabdev 3 writes, and changes nothing of it",
  async (directory) => {
    run(WRITE_ROW, directory, JSON.stringify([ROW]));
    const path = `${directory}/tokens.db`;
    const before = Deno.readFileSync(path);
    const { format, tokens } = await parseTokenFile(before, { path, now });
    const { accessToken, refreshToken, loginTime } = tokens;
    assert.deepEqual(
      [format.name, String(accessToken), String(refreshToken)],
      ["schwabdev-3", "CANARY-A", "CANARY-R"],
    );
    assert.deepEqual([loginTime, refreshToken.expiry], [
      LOGIN,
      LOGIN + 604_800,
    ]);
    assert.equal(accessToken.expiry, ISSUED + 1800);
    assert.deepEqual(Deno.readFileSync(path), before);
    const names = [...Deno.readDirSync(directory)].map(({ name }) => name);
    assert.deepEqual(names, ["tokens.db"]);
  },
);

/** Databases that are refused. */
const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  [
    "whose tokens are encrypted",
    JSON.stringify([ROW.with(3, "enc:CANARY")]),
    /: Schwabdev has encrypted its tokens with your key$/,
  ],
  ["of several rows", JSON.stringify([ROW, ROW]), /: it has several rows/],
  ["without a login", "[]", /: it has no refresh token$/],
];

for (const [what, rows, why] of REFUSED) {
  pythonTest(
    `parseTokenFile() refuses a database ${what}`,
    async (directory) => {
      run(WRITE_ROW, directory, rows);
      const path = `${directory}/tokens.db`;
      const error = await failsWith(
        "token_file_failed",
        parseTokenFile(Deno.readFileSync(path), { path, now }),
      );
      assert.match(error.message, why);
      assert.doesNotMatch(Deno.inspect(error), /CANARY/);
    },
  );
}

pythonTest(
  "parseTokenFile() refuses a view in the table's place, which could compute for ever",
  async (directory) => {
    run(
      `
import sqlite3
c = sqlite3.connect("tokens.db")
c.execute("CREATE VIEW schwabdev AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) AS refresh_token FROM n")
c.commit()
`,
      directory,
    );
    const path = `${directory}/tokens.db`;
    const error = await failsWith(
      "token_file_failed",
      parseTokenFile(Deno.readFileSync(path), { path, now }),
    );
    assert.match(error.message, /: it is another program's database/);
  },
);

const COLUMNS = "access_token_issued, refresh_token_issued, access_token, " +
  "refresh_token, id_token, expires_in, token_type, scope";
const DATES = [ISSUED, LOGIN].map((seconds) =>
  new Date(seconds * 1000).toISOString()
);
/** Databases that would cost memory or time to read whole (line 61). */
const COSTLY = [
  [
    "with a column that generates a gigabyte",
    "usable",
    `
c.execute("CREATE TABLE schwabdev (${COLUMNS}, x GENERATED ALWAYS AS (zeroblob(999999999)))")
c.execute("INSERT INTO schwabdev (${COLUMNS}) VALUES ('${DATES[0]}', '${
      DATES[1]
    }', 'CANARY-A', 'CANARY-R', '', 1800, 'Bearer', 'api')")
`,
  ],
  [
    "whose refresh token is generated",
    "another program's database",
    `
c.execute("CREATE TABLE schwabdev (${
      COLUMNS.replace(
        "refresh_token,",
        "refresh_token GENERATED ALWAYS AS (hex(zeroblob(400000000))),",
      )
    })")
c.execute("INSERT INTO schwabdev (access_token_issued) VALUES ('${DATES[0]}')")
`,
  ],
  [
    "whose id_token is generated",
    "usable",
    `
c.execute("CREATE TABLE schwabdev (${
      COLUMNS.replace(
        "id_token",
        "id_token GENERATED ALWAYS AS (zeroblob(999999999))",
      )
    })")
c.execute("INSERT INTO schwabdev (${
      COLUMNS.replace("id_token, ", "")
    }) VALUES ('${DATES[0]}', '${
      DATES[1]
    }', 'CANARY-A', 'CANARY-R', 1800, 'Bearer', 'api')")
`,
  ],
  [
    "whose refresh token is long",
    "too long for tokens",
    `
c.execute("CREATE TABLE schwabdev (${COLUMNS})")
c.execute("INSERT INTO schwabdev VALUES ('${DATES[0]}', '${
      DATES[1]
    }', 'CANARY-A', ?, '', 1800, 'Bearer', 'api')", ("R" * 70000,))
`,
  ],
  [
    "whose scope is a long blob",
    "too long for tokens",
    `
c.execute("CREATE TABLE schwabdev (${COLUMNS})")
c.execute("INSERT INTO schwabdev VALUES ('${DATES[0]}', '${
      DATES[1]
    }', 'CANARY-A', 'CANARY-R', '', 1800, 'Bearer', zeroblob(500000))")
`,
  ],
] as const;
for (const [what, verdict, sql] of COSTLY) {
  pythonTest(
    `parseTokenFile() reads no more than the named columns of a database ${what} (line 61)`,
    async (directory) => {
      run(
        `import sqlite3\nc = sqlite3.connect("tokens.db")\n${sql}\nc.commit()\n`,
        directory,
      );
      const path = `${directory}/tokens.db`;
      const bytes = Deno.readFileSync(path);
      assert.ok(bytes.length < 1_048_576);
      const before = Deno.memoryUsage().rss;
      const parsed = parseTokenFile(bytes, { path, now });
      if (verdict === "usable") {
        const { tokens } = await parsed;
        assert.equal(String(tokens.refreshToken), "CANARY-R");
      } else {
        const { message } = await failsWith("token_file_failed", parsed);
        assert.ok(message.includes(verdict), message);
      }
      const grown = Deno.memoryUsage().rss - before;
      assert.ok(grown < 200e6, `${grown} bytes`);
    },
  );
}

pythonTest(
  "writeTokenFile() makes a database that Python reads, and replaces the row of one that is there",
  async (directory) => {
    const path = `${directory}/tokens.db`;
    const format = formatNamed("schwabdev");
    const expected = [
      ISSUED,
      LOGIN,
      "CANARY-A",
      "CANARY-R",
      "",
      1800,
      "Bearer",
      "api",
    ];
    assert.equal(await writeTokenFile(path, format, TOKENS, { now }), false);
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    assert.deepEqual(run(READ_ROW, directory), expected);
    Deno.removeSync(path);
    // An older login's row, in a file that others can read.
    run(
      WRITE_ROW,
      directory,
      JSON.stringify([ROW.with(1, "2027-01-14T08:00:00").with(3, "OLD")]),
    );
    const inode = Deno.statSync(path).ino;
    assert.equal(await writeTokenFile(path, format, TOKENS, { now }), true);
    assert.deepEqual(run(READ_ROW, directory), expected);
    const after = Deno.statSync(path);
    assert.deepEqual([after.ino, (after.mode ?? 0) & 0o777], [inode, 0o600]);
  },
);

pythonTest(
  "writeTokenFile() keeps a row of a later login unless forced, and an encrypted or another program's database always",
  async (directory) => {
    const path = `${directory}/tokens.db`;
    const format = formatNamed("schwabdev");
    run(
      WRITE_ROW,
      directory,
      JSON.stringify([ROW.with(1, "2027-01-16T08:00:00").with(3, "LATER")]),
    );
    const { message } = await failsWith(
      "invalid_options",
      writeTokenFile(path, format, TOKENS, { now }),
    );
    assert.match(message, /: it has tokens of the same or a newer login$/);
    assert.equal(
      String((await readSchwabdev3(path, new Reading(now)))?.refreshToken),
      "LATER",
    );
    await writeTokenFile(path, format, TOKENS, { now, force: true });
    assert.equal(
      String((await readSchwabdev3(path, new Reading(now)))?.refreshToken),
      "CANARY-R",
    );
    const others = [
      `c.execute("UPDATE schwabdev SET refresh_token = 'enc:x'")`,
      `c.execute("DROP TABLE schwabdev"); c.execute("CREATE TABLE diary (entry TEXT)")`,
    ];
    for (const other of others) {
      run(
        `import sqlite3\nc = sqlite3.connect("tokens.db")\n${other}\nc.commit()`,
        directory,
      );
      const before = Deno.readFileSync(path);
      await failsWith(
        "token_file_failed",
        writeTokenFile(path, format, TOKENS, { now, force: true }),
      );
      assert.deepEqual(Deno.readFileSync(path), before);
    }
  },
);

/** What each program does with its file, as far as it matters, and what it then knows. */
const READERS: readonly (readonly [string, string, readonly unknown[]])[] = [
  [
    "schwab-py",
    `[f["creation_timestamp"], f["token"]["access_token"], f["token"]["refresh_token"], f["token"]["expires_at"], f["token"]["token_type"]]`,
    [LOGIN, "CANARY-A", "CANARY-R", ISSUED + 1800, "Bearer"],
  ],
  [
    "schwabdev-2",
    `[datetime.fromisoformat(f["access_token_issued"]).astimezone(timezone.utc).timestamp(), datetime.fromisoformat(f["refresh_token_issued"]).timestamp(), f["token_dictionary"]["access_token"], f["token_dictionary"]["refresh_token"], f["token_dictionary"]["id_token"]]`,
    [ISSUED, LOGIN, "CANARY-A", "CANARY-R", ""],
  ],
  [
    "tda-api",
    `[f["creation_timestamp"], f["token"]["refresh_token"], f["token"]["expires_at"], f["token"]["refresh_token_expires_in"]]`,
    [LOGIN, "CANARY-R", ISSUED + 1800, 604_800],
  ],
  [
    "pytd",
    `[f[k][v] for k in ("refresh_token", "access_token") for v in ("token", "access_time", "expires_in") if type(f[k]["access_time"]) is int]`,
    ["CANARY-R", LOGIN, 604_800, "CANARY-A", ISSUED, 1800],
  ],
];

for (const [name, expression, expected] of READERS) {
  pythonTest(
    `formatTokenFile() writes what Python reads as ${name} does`,
    (directory) => {
      Deno.writeTextFileSync(
        `${directory}/token`,
        formatTokenFile(formatNamed(name), TOKENS),
      );
      const read = run(
        `
import json
from datetime import datetime, timezone
f = json.load(open("token"))
print(json.dumps(${expression}))
`,
        directory,
      );
      assert.deepEqual(read, expected);
      return Promise.resolve();
    },
  );
}
