/** Requests to a broker verify its certificate, whatever the browsers were told to trust. */
import assert from "node:assert/strict";
import {
  generateEphemeralKeys,
  makeWith,
} from "../../src/certificate/local_ca.ts";
import { signUnder } from "../certificate/local_ca_support.ts";
import { reservePort } from "../support.ts";
import { certutilTest } from "../certificate/nss_support.ts";
import { assertError } from "./asserts.ts";
import { type Machine, startMachine } from "./machine.ts";

const REFUSED =
  /^tdauth: cannot reach the issuer ".*": its TLS certificate is not trusted on this machine$/;

/** A server that takes the broker's place, with a certificate of its own. */
interface Impostor extends AsyncDisposable {
  readonly issuer: string;
  /** What was asked of it, once TLS stood. */
  readonly asked: string[];
}

function startImpostor(
  hostname: string,
  tls: { readonly cert: string; readonly key: string },
): Impostor {
  const reserved = reservePort();
  const asked: string[] = [];
  const { cert, key } = tls;
  const server = Deno.serve(
    { hostname, port: reserved.port, cert, key, onListen() {} },
    (request) => {
      asked.push(new URL(request.url).pathname);
      return new Response("no", { status: 404 });
    },
  );
  return {
    issuer: `https://${hostname}:${reserved.port}`,
    asked,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      reserved[Symbol.dispose]();
    },
  };
}

function logIn(
  machine: Machine,
  issuer: string,
  env: Record<string, string | undefined> = {},
) {
  return machine.run(["login", "--no-browser"], {
    env: {
      ...machine.appEnv,
      TD_SANDBOX: undefined,
      TD_PROVIDER: issuer,
      ...env,
    },
  });
}

certutilTest(
  "tdauth login refuses a broker whose certificate is under the local CA, also after tdauth cert trust",
  async () => {
    await using machine = await startMachine();
    const trusted = await machine.run(["cert", "trust", "--yes"]);
    assert.equal(trusted.code, 0, trusted.stderr);
    const own = JSON.parse(
      Deno.readTextFileSync(`${machine.configDir}/certificate.json`),
    );
    await using impostor = startImpostor("127.0.0.1", {
      cert: own.cert + own.ca,
      key: own.key,
    });
    for (const before of [true, false]) {
      if (!before) await machine.run(["cert", "untrust"]);
      assertError(
        await logIn(machine, impostor.issuer),
        5,
        REFUSED,
        /^hint: /,
      );
    }
    assert.deepEqual(impostor.asked, []);
  },
);

Deno.test("tdauth login refuses a broker under the local CA even where the system trusts that: it is constrained to this machine's names", async () => {
  await using machine = await startMachine();
  const caKeys = await generateEphemeralKeys();
  const { ca, cert, key } = await makeWith(
    caKeys,
    Math.floor(Date.now() / 1000),
  );
  // What the system's store holds: as after `tdauth cert trust --system`.
  const anchors = `${machine.cwd}/anchors.pem`;
  Deno.writeTextFileSync(anchors, ca);
  const env = { DENO_TLS_CA_STORE: "system", SSL_CERT_FILE: anchors };
  {
    // An address that is not among the CA's names, and is on this machine all the same.
    await using impostor = startImpostor(
      "127.0.0.2",
      await signUnder(ca, caKeys, ["ip:127.0.0.2"]),
    );
    const result = await logIn(machine, impostor.issuer, env);
    assertError(result, 5, REFUSED, /^hint: /);
    assert.deepEqual(impostor.asked, []);
  }
  // The test can tell: with a name of the CA's the connection stands.
  await using control = startImpostor("127.0.0.1", { cert: cert + ca, key });
  const result = await logIn(machine, control.issuer, env);
  assert.notEqual(result.code, 0);
  assert.ok(control.asked.length > 0, result.stderr);
});
