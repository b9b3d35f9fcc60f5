/** What is told once, by whichever process, and what is kept of it. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { HookAction } from "../../src/hooks/hook.ts";
import {
  HOOK_EVENT_NAMES,
  type HookEvent,
} from "../../src/hooks/hook_event.ts";
import { createNotifier } from "../../src/hooks/notifier.ts";
import { withFileLock } from "../../src/system/file_lock.ts";
import { deno } from "../../tools/deno.ts";
import { only, temporaryDirectory } from "../support.ts";
import {
  type Clock,
  DAY,
  HOUR,
  loggedIn,
  type LoginOptions,
  START,
} from "./accounts.ts";
import { recorder } from "./scripts.ts";

const URL_OF_HOOK = "https://ntfy.sh/topic";

/** A directory, and notifiers on it with one hook for all events. */
function stage(action: HookAction = { url: URL_OF_HOOK }) {
  const directory = temporaryDirectory();
  const clock: Clock = { seconds: START + 6 * DAY + HOUR };
  const messages: string[] = [];
  const bodies: string[] = [];
  const it = {
    directory: `${directory.path}/tokens`,
    file: `${directory.path}/tokens/.hooks.json`,
    clock,
    messages,
    bodies,
    status: 200,
    told: () => bodies.map((body): string => JSON.parse(body).event),
    notifier: (actions: readonly HookAction[] = [action]) =>
      createNotifier({
        hooks: () =>
          actions.map((one, at) => ({
            number: at + 1,
            on: HOOK_EVENT_NAMES,
            profiles: undefined,
            ...one,
          })),
        directory: it.directory,
        log: (level, message) => void messages.push(`${level}: ${message}`),
        now: () => clock.seconds * 1000,
        fetch: (_url, init) => {
          bodies.push(String(init?.body));
          return Promise.resolve(new Response(null, { status: it.status }));
        },
        stays: false,
      }),
    async look(
      options: LoginOptions = {},
      actions?: readonly HookAction[],
    ): Promise<readonly HookEvent[]> {
      await using notifier = it.notifier(actions);
      return await notifier.look({
        profile: "default",
        provider: "schwab",
        tokens: loggedIn(clock, options),
      });
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
  return it;
}

Deno.test("a notifier tells what is new, with its due, and a restart repeats none of it", async () => {
  await using it = stage();
  assert.deepEqual(await it.look(), [{
    event: "login_due",
    profile: "default",
    provider: "schwab",
    due: START + 7 * DAY,
  }]);
  assert.deepEqual(it.told(), ["login_due"]);
  const written = Deno.readTextFileSync(it.file);
  assert.deepEqual(await it.look(), []);
  assert.deepEqual(it.told(), ["login_due"]);
  assert.equal(Deno.readTextFileSync(it.file), written);
});

Deno.test({
  ...only(
    "Unix",
    "a notifier keeps what it told in a file of its own user's, which holds no token",
  ),
  async fn() {
    await using it = stage();
    await it.look();
    it.status = 503;
    it.clock.seconds = START + 7 * DAY;
    await it.look();
    const text = Deno.readTextFileSync(it.file);
    assert.match(text, /login_needed/); // which is to be told again
    assert.doesNotMatch(text, /CANARY/);
    assert.equal((Deno.statSync(it.file).mode ?? 0) & 0o777, 0o600);
    assert.doesNotMatch(it.bodies.join(), /CANARY/);
    assert.doesNotMatch(it.messages.join(), /CANARY|topic/);
  },
});

Deno.test("a notifier with nothing new to tell waits for no other process, and writes nothing", async () => {
  await using it = stage();
  await it.look();
  await withFileLock(`${it.directory}/.hooks.lock`, async () => {
    assert.deepEqual(await it.look(), []);
  });
  assert.deepEqual(it.messages, []);
});

Deno.test("a notifier without hooks writes nothing, so that the first hook hears what is new then", async () => {
  await using it = stage();
  assert.deepEqual(await it.look({}, []), []);
  assert.throws(() => Deno.statSync(it.directory), Deno.errors.NotFound);
  assert.equal((await it.look()).length, 1);
});

for (
  const text of [
    "",
    "{",
    "[]",
    '{"version":2}',
    '{"version":1,"told":{"default schwab":{"present":1}},"undelivered":[{}]}',
  ]
) {
  Deno.test(`a notifier takes a file of ${JSON.stringify(text)} for an empty one`, async () => {
    await using it = stage();
    Deno.mkdirSync(it.directory, { mode: 0o700 });
    Deno.writeTextFileSync(it.file, text, { mode: 0o600 });
    assert.equal((await it.look()).length, 1);
    assert.deepEqual(await it.look(), []);
    assert.deepEqual(it.messages, []);
  });
}

Deno.test("a notifier that cannot write tells each thing once by itself, and says why another process will repeat it", async () => {
  await using it = stage();
  // A directory in the file's place: also root cannot write it.
  Deno.mkdirSync(`${it.file}/full`, { recursive: true });
  await using notifier = it.notifier();
  const look = () =>
    notifier.look({
      profile: "default",
      provider: "schwab",
      tokens: loggedIn(it.clock),
    });
  assert.equal((await look()).length, 1);
  assert.equal((await look()).length, 0);
  it.clock.seconds = START + 7 * DAY;
  assert.equal((await look()).length, 1);
  await notifier.settled();
  assert.deepEqual(it.told(), ["login_due", "login_needed"]);
  assert.equal(it.messages.length, 1);
  assert.match(
    it.messages.join(),
    /^warning: Cannot keep what hooks were told, so that another process will tell it again: /,
  );
});

Deno.test("a notifier leaves what a URL did not take to the next run, for a day, and drops it after a login", async () => {
  await using it = stage();
  it.status = 503;
  await it.look();
  assert.deepEqual(it.told(), ["login_due"]);
  it.status = 200;
  it.clock.seconds += HOUR;
  assert.deepEqual(await it.look(), []);
  assert.deepEqual(it.told(), ["login_due", "login_due"]);
  await it.look();
  assert.equal(it.told().length, 2);
  // What is told an hour later says what is true then.
  assert.match(it.bodies[0] ?? "", /Login due in 23 hours/);
  assert.match(it.bodies[1] ?? "", /Login due in 22 hours/);

  it.status = 503;
  it.clock.seconds = START + 7 * DAY;
  await it.look();
  it.status = 200;
  it.clock.seconds += 60;
  await it.look({ login: it.clock.seconds });
  assert.deepEqual(it.told().slice(2), ["login_needed", "logged_in"]);

  it.status = 503;
  const login = it.clock.seconds;
  it.clock.seconds = login + 7 * DAY;
  await it.look({ login });
  const tries = it.bodies.length;
  for (let hours = 1; hours <= 30; hours++) {
    it.clock.seconds += HOUR;
    await it.look({ login });
  }
  assert.equal(it.bodies.length - tries, 23);
  assert.match(it.messages.at(-1) ?? "", /it was tried for a day$/);
});

Deno.test("a notifier forgets what is left for a hook that is no longer there", async () => {
  await using it = stage();
  it.status = 503;
  await it.look();
  it.status = 200;
  await it.look({}, [{ url: "https://ntfy.sh/other" }]);
  await it.look();
  assert.equal(it.bodies.length, 1);
});

Deno.test("a notifier tells all hooks of an event, whichever of them fail, and says which", async () => {
  await using it = stage();
  await it.look({}, [
    { run: ["/no/such/program"] },
    { url: URL_OF_HOOK },
  ]);
  assert.deepEqual(it.told(), ["login_due"]);
  assert.deepEqual(it.messages, [
    "warning: Cannot tell hook 1 (/no/such/program) of login_due: there is no such program",
  ]);
});

Deno.test("a notifier goes on with the hooks that it knows while config.json is wrong", async () => {
  await using it = stage();
  let wrong = false;
  const messages: string[] = [];
  await using notifier = createNotifier({
    hooks: () => {
      if (wrong) throw new Error("Cannot read the settings");
      return [{
        number: 1,
        on: ["login_due", "login_needed"],
        profiles: undefined,
        url: URL_OF_HOOK,
      }];
    },
    directory: it.directory,
    log: (_level, message) => void messages.push(message),
    now: () => it.clock.seconds * 1000,
    fetch: (_url, init) => {
      it.bodies.push(String(init?.body));
      return Promise.resolve(new Response());
    },
    stays: true,
  });
  const look = () =>
    notifier.look({
      profile: "default",
      provider: "schwab",
      tokens: loggedIn(it.clock),
    });
  await look();
  wrong = true;
  it.clock.seconds = START + 7 * DAY;
  await look();
  await notifier.settled();
  assert.deepEqual(it.told(), ["login_due", "login_needed"]);
  assert.deepEqual(messages, ["Cannot read the settings"]);
});

Deno.test("refreshFailed() tells of the third failure in a row, once, also after a restart", async () => {
  await using it = stage();
  const account = () => ({
    profile: "default",
    provider: "schwab",
    tokens: loggedIn(it.clock, { access: it.clock.seconds }),
  });
  it.clock.seconds = START + HOUR;
  const tokens = account();
  const fail = async (times: number) => {
    await using notifier = it.notifier();
    return (await notifier.refreshFailed(tokens, times))
      .map(({ event }) => event);
  };
  assert.deepEqual(await fail(2), []);
  assert.deepEqual(await fail(3), ["refresh_failed"]);
  assert.deepEqual(await fail(4), []);
  it.clock.seconds += 1800;
  const again = account();
  await using notifier = it.notifier();
  await notifier.look(again);
  assert.equal((await notifier.refreshFailed(again, 3)).length, 1);
});

Deno.test({
  ...only("Unix", "ten processes that look at once tell each event once"),
  async fn() {
    await using it = stage();
    const hook = recorder(it.directory.replace(/tokens$/, ""));
    const [program, ...args] = deno(
      "run",
      "-A",
      fileURLToPath(new URL("look_child.ts", import.meta.url)),
      it.directory,
      JSON.stringify(hook.run),
    );
    const children = Array.from(
      { length: 10 },
      () =>
        new Deno.Command(program, {
          args,
          stdin: "piped",
          stdout: "piped",
          stderr: "inherit",
        }).spawn(),
    );
    // All are ready before the first one may look.
    const readers = children.map(({ stdout }) => stdout.getReader());
    for (const reader of readers) {
      const { value } = await reader.read();
      assert.equal(new TextDecoder().decode(value), "ready\n");
    }
    for (const { stdin } of children) await stdin.close();
    const told: string[] = [];
    for (const reader of readers) {
      let text = "";
      for (
        let read = await reader.read();
        !read.done;
        read = await reader.read()
      ) {
        text += new TextDecoder().decode(read.value);
      }
      told.push(...text.split("\n").filter((line) => line !== ""));
    }
    for (const child of children) assert.ok((await child.status).success);
    assert.deepEqual(told, ["login_due"]);
    assert.equal(hook.lines().length, 1);
  },
});
