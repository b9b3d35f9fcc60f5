/** One hook told of one event. */
import assert from "node:assert/strict";
import { deliver, hears, hookName } from "../../src/hooks/deliver.ts";
import type { Hook, HookAction } from "../../src/hooks/hook.ts";
import {
  HOOK_EVENT_NAMES,
  type HookEvent,
} from "../../src/hooks/hook_event.ts";
import { hookText } from "../../src/hooks/hook_text.ts";
import { postHook } from "../../src/hooks/post_hook.ts";
import { notificationCall } from "../../src/hooks/show_notification.ts";
import { SECRET_VARIABLES } from "../../src/settings/variable_table.ts";
import { only, temporaryDirectory } from "../support.ts";
import { START } from "./accounts.ts";
import { recorder } from "./scripts.ts";

const NOW = START * 1000;
const EVENT: HookEvent = {
  event: "login_due",
  profile: "work",
  provider: "schwab",
  due: START + 86_400,
};
const edges = { now: () => NOW, fetch };

function hookOf(action: HookAction): Hook {
  return { number: 3, on: ["login_due"], profiles: undefined, ...action };
}

/** A server on loopback that answers as it is told, and keeps what it was sent. */
function server(answer: (request: Request) => Response | Promise<Response>) {
  const requests: { headers: Headers; body: string; method: string }[] = [];
  const listener = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { headers, method } = request;
      requests.push({ headers, method, body: await request.text() });
      return await answer(request);
    },
  );
  return {
    url: `http://127.0.0.1:${listener.addr.port}/topic`,
    requests,
    [Symbol.asyncDispose]: () => listener.shutdown(),
  };
}

Deno.test({
  ...only(
    "Unix",
    "deliver() runs a program with the event in its environment and on its stdin, and without tdauth's secrets",
  ),
  async fn() {
    await using directory = temporaryDirectory();
    const hook = recorder(directory.path);
    for (const name of SECRET_VARIABLES) Deno.env.set(name, "CANARY");
    Deno.env.set("TDAUTH_TEST_OWN", "kept");
    try {
      assert.deepEqual(await deliver(hookOf({ run: hook.run }), EVENT, edges), {
        ok: true,
      });
    } finally {
      for (const name of SECRET_VARIABLES) Deno.env.delete(name);
      Deno.env.delete("TDAUTH_TEST_OWN");
    }
    assert.deepEqual(hook.lines(), [`login_due work schwab ${EVENT.due}`]);
    const seen = hook.seen();
    assert.doesNotMatch(seen, /CANARY/);
    assert.match(seen, /^TDAUTH_TEST_OWN=kept$/m);
    assert.match(seen, /^TD_PROFILE=work$/m);
    assert.match(seen, /--quick$/m);
    const json = JSON.parse(seen.trim().split("\n").at(-1) ?? "");
    assert.deepEqual(json, { ...EVENT, ...hookText(EVENT, NOW) });
  },
});

Deno.test({
  ...only(
    "Unix",
    "deliver() says how a program failed, with the beginning of what it said",
  ),
  async fn() {
    await using directory = temporaryDirectory();
    const outcome = async (...run: [string, ...string[]]) =>
      await deliver(hookOf({ run }), EVENT, edges);
    assert.deepEqual(await outcome("sh", "-c", "echo no mail >&2; exit 3"), {
      ok: false,
      why: "exit code 3",
      output: "no mail",
    });
    assert.deepEqual(await outcome(`${directory.path}/none`), {
      ok: false,
      why: "there is no such program",
    });
    const file = `${directory.path}/file`;
    Deno.writeTextFileSync(file, "");
    assert.deepEqual(await outcome(file), {
      ok: false,
      why: "it is not executable",
    });
    assert.deepEqual(await outcome("sh", "-c", "kill -9 $$"), {
      ok: false,
      why: "a signal ended it",
      output: undefined,
    });
  },
});

Deno.test("deliver() posts JSON that ntfy, Slack and programs can read, and nothing else", async () => {
  await using it = server(() => new Response("ok"));
  const outcome = await deliver(hookOf({ url: it.url }), EVENT, edges);
  assert.deepEqual(outcome, { ok: true });
  const [sent] = it.requests;
  assert.ok(sent !== undefined && it.requests.length === 1);
  assert.equal(sent.method, "POST");
  const { title, message, ...rest } = JSON.parse(sent.body);
  assert.deepEqual(rest, { ...EVENT, text: `${title}: ${message}` });
  assert.deepEqual({ title, message }, hookText(EVENT, NOW));
  assert.deepEqual(
    ["content-type", "template", "title", "message"].map((name) =>
      sent.headers.get(name)
    ),
    ["application/json", "yes", "{{.title}}", "{{.message}}"],
  );
});

for (
  const [status, transient] of [
    [500, true],
    [503, true],
    [429, true],
    [403, false],
    [404, false],
  ] as const
) {
  Deno.test(`deliver() takes an answer of ${status} from a URL for a ${transient ? "passing" : "lasting"} failure`, async () => {
    await using it = server(() => new Response("", { status }));
    const outcome = await deliver(hookOf({ url: it.url }), EVENT, edges);
    assert.deepEqual(outcome, {
      ok: false,
      why: `it answered ${status}`,
      transient,
    });
  });
}

Deno.test("deliver() follows no redirect", async () => {
  await using other = server(() => new Response("ok"));
  await using it = server(() => Response.redirect(other.url, 307));
  const outcome = await deliver(hookOf({ url: it.url }), EVENT, edges);
  assert.ok(!outcome.ok && !outcome.transient);
  assert.match(outcome.why, /answered 307, and a redirect is not followed/);
  assert.equal(it.requests.length, 1);
  assert.equal(other.requests.length, 0);
});

Deno.test("postHook() gives up after its time, and says nothing of the URL where there is no answer", async () => {
  const hung = Promise.withResolvers<Response>();
  await using it = server(() => hung.promise);
  const late = await postHook(it.url, EVENT, hookText(EVENT, NOW), {
    fetch,
    limit: 50,
  });
  hung.resolve(new Response(""));
  assert.deepEqual(late, {
    ok: false,
    why: "no answer within 0.05 seconds",
    transient: true,
  });
  const outcome = await deliver(
    hookOf({ url: "http://127.0.0.1:1/SECRET-TOPIC" }),
    EVENT,
    {
      ...edges,
      fetch: () =>
        Promise.reject(
          new TypeError(
            "error sending request for url (http://127.0.0.1:1/SECRET-TOPIC)",
          ),
        ),
    },
  );
  assert.ok(!outcome.ok && outcome.transient);
  assert.doesNotMatch(outcome.why, /SECRET/);
});

Deno.test("notificationCall() passes the words as data, never as a script", () => {
  const text = { title: 'a "title"', message: "--help $(id) <b>&</b>" };
  const linux = notificationCall(text, "linux");
  assert.deepEqual(linux?.args.slice(-3), [
    "--",
    text.title,
    "--help $(id) &lt;b&gt;&amp;&lt;/b&gt;",
  ]);
  const mac = notificationCall(text, "darwin");
  assert.deepEqual(mac?.args.slice(-2), [text.title, text.message]);
  assert.doesNotMatch(mac?.args.slice(0, -2).join(" ") ?? "", /title"|id/);
  const windows = notificationCall(text, "windows");
  assert.doesNotMatch(windows?.args.join(" ") ?? "", /"title"|id\)/);
  assert.equal(notificationCall(text, "aix"), undefined);
});

Deno.test({
  ...only(
    "Linux",
    "deliver() shows a notification with notify-send, whose own words it repeats when that fails",
  ),
  async fn() {
    await using directory = temporaryDirectory();
    const { showNotification } = await import(
      "../../src/hooks/show_notification.ts"
    );
    const program = `${directory.path}/notify-send`;
    const env = (name: string) =>
      name === "PATH"
        ? `${directory.path}:${Deno.env.get("PATH")}`
        : Deno.env.get(name);
    Deno.writeTextFileSync(
      program,
      `#!/bin/sh\nprintf '%s\\n' "$@" >'${directory.path}/args'\n`,
      { mode: 0o700 },
    );
    const text = hookText(EVENT, NOW);
    assert.deepEqual(await showNotification(text, { env }), { ok: true });
    assert.deepEqual(
      Deno.readTextFileSync(`${directory.path}/args`).trim().split("\n"),
      ["--app-name=tdauth", "--", text.title, text.message],
    );
    Deno.writeTextFileSync(program, "#!/bin/sh\necho no bus >&2; exit 1\n");
    const failed = await showNotification(text, { env });
    assert.ok(!failed.ok);
    assert.match(failed.why, /is anybody logged in to a desktop/);
    assert.equal(failed.output, "no bus");
  },
});

Deno.test("hears() goes by a hook's events and profiles", () => {
  const hook = hookOf({ notify: true });
  assert.ok(hears(hook, EVENT));
  assert.ok(hears({ ...hook, profiles: ["work"] }, EVENT));
  assert.ok(!hears({ ...hook, profiles: ["default"] }, EVENT));
  assert.ok(!hears({ ...hook, on: ["refreshed"] }, EVENT));
});

Deno.test("hookName() shows no more of a URL than where it leads", () => {
  assert.equal(
    hookName(hookOf({ url: "https://ntfy.sh/SECRET-TOPIC" })),
    "hook 3 (https://ntfy.sh)",
  );
  assert.equal(hookName(hookOf({ run: ["mail", "me"] })), "hook 3 (mail)");
});

Deno.test("hookText() says of each event in one line what to do, and in whose time", () => {
  for (const event of HOOK_EVENT_NAMES) {
    for (const due of [EVENT.due, undefined]) {
      for (const profile of ["default", "work"]) {
        const { title, message } = hookText(
          { ...EVENT, event, due, profile },
          NOW,
        );
        assert.match(title, /^[A-Z][a-z0-9 ]+$/);
        assert.match(message, /^schwab(, profile work)?: [^\n]+$/);
        assert.doesNotMatch(message, /undefined|Invalid/);
      }
    }
  }
  const { title, message } = hookText(EVENT, NOW);
  assert.equal(title, "Login due in 24 hours");
  assert.match(
    message,
    /^schwab, profile work: log in by \w{3} \w{3} \d\d 2027 \d\d:\d\d GMT[+-]\d{4}: tdauth login --profile work$/,
  );
});
