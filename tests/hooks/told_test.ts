/** What is told of an account, and when. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { HookEventName } from "../../src/hooks/hook_event.ts";
import {
  decide,
  decideFailure,
  THRESHOLDS,
  type Told,
} from "../../src/hooks/told.ts";
import { loginNeededIn, type Tokens } from "../../src/token/token.ts";
import {
  type Clock,
  DAY,
  HOUR,
  loggedIn,
  loggedOut,
  type LoginOptions,
  START,
} from "./accounts.ts";

/** Looks as one process after another does, each of which knows what was told. */
function watcher(clock: Clock) {
  let told: Told | undefined;
  return {
    look(tokens: Tokens): readonly HookEventName[] {
      const decision = decide(told, tokens, clock.seconds * 1000);
      told = decision.told;
      return decision.events;
    },
    fail(times: number): readonly HookEventName[] {
      assert.ok(told);
      const decision = decideFailure(told, times, clock.seconds * 1000);
      told = decision.told;
      return decision.events;
    },
    /** Looks at one login every so many seconds until some time after it, and returns each event with what was left then. */
    follow(options: LoginOptions, every: number, until: number) {
      const events: [HookEventName, number][] = [];
      for (; clock.seconds <= until; clock.seconds += every) {
        const tokens = loggedIn(clock, options);
        const left = loginNeededIn(tokens);
        for (const event of this.look(tokens)) events.push([event, left]);
      }
      return events;
    },
  };
}

Deno.test("decide() tells of a login that is due at 48, 24 and 2 hours, and when it is needed, each once", () => {
  const clock = { seconds: START };
  const events = watcher(clock).follow({}, 37, START + 8 * DAY);
  assert.deepEqual(events.map(([event]) => event), [
    "login_due",
    "login_due",
    "login_due",
    "login_needed",
  ]);
  for (const [at, [, left]] of events.entries()) {
    const threshold = [...THRESHOLDS, 0][at] ?? NaN;
    assert.ok(left <= threshold && left > threshold - 37, `${left}`);
  }
});

Deno.test("decide() tells the nearest threshold alone when the first look is late, and then those that follow", () => {
  const clock = { seconds: START + 7 * DAY - 20 * HOUR };
  const events = watcher(clock).follow({}, 60, START + 7 * DAY + HOUR);
  assert.deepEqual(events.map(([event, left]) => [event, Math.round(left)]), [
    ["login_due", 20 * HOUR],
    ["login_due", 2 * HOUR],
    ["login_needed", 0],
  ]);
});

for (
  const [name, options, thresholds] of [
    ["an access token of 30 minutes alone", { life: 0 }, []],
    ["an access token of 24 hours alone", { life: 0, accessLife: DAY }, [2]],
    ["a session of 12 hours", { life: 12 * HOUR }, [2]],
    ["a session of 3 hours", { life: 3 * HOUR }, []],
    ["a session of 3 days", { life: 3 * DAY }, [24, 2]],
    ["TD Ameritrade's 90 days", { life: 90 * DAY }, [48, 24, 2]],
  ] as const
) {
  Deno.test(`decide() warns of ${name} at ${thresholds.join(", ") || "no"} hours, and not as it begins`, () => {
    const clock = { seconds: START };
    const watch = watcher(clock);
    assert.deepEqual(watch.look(loggedIn(clock, options)), []);
    const life = Math.max(
      options.life,
      loginNeededIn(loggedIn(clock, options)),
    );
    const events = watch.follow(options, 60, START + life + HOUR);
    assert.deepEqual(
      events.map(([event, left]) => [event, Math.round(left / HOUR)]),
      [
        ...thresholds.map((hours) => ["login_due", hours]),
        ["login_needed", 0],
      ],
    );
  });
}

Deno.test("decide() tells nothing of a login whose end is unknown", () => {
  const clock = { seconds: START };
  const events = watcher(clock).follow(
    { life: Infinity },
    HOUR,
    START + 400 * DAY,
  );
  assert.deepEqual(events, []);
});

Deno.test("decide() says at once that a rejected refresh token leaves minutes, and once that a login is needed", () => {
  const clock = { seconds: START };
  const watch = watcher(clock);
  const access = START + DAY;
  watch.look(loggedIn(clock));
  clock.seconds = access + 300;
  const refused = { access, refused: true };
  assert.deepEqual(watch.look(loggedIn(clock, refused)), [
    "refreshed",
    "login_due",
  ]);
  assert.deepEqual(watch.look(loggedIn(clock, refused)), []);
  clock.seconds = access + 1800;
  assert.deepEqual(watch.look(loggedIn(clock, refused)), ["login_needed"]);
  assert.deepEqual(watch.look(loggedIn(clock, refused)), []);
  // A broker may change its mind.
  assert.deepEqual(watch.look(loggedIn(clock, { access })), []);
  clock.seconds = START + 7 * DAY;
  assert.deepEqual(watch.look(loggedIn(clock, { access })), ["login_needed"]);
});

Deno.test("decide() tells of a login after the first look, and of a refresh within it", () => {
  const clock = { seconds: START + 60 };
  const watch = watcher(clock);
  assert.deepEqual(watch.look(loggedIn(clock)), []);
  clock.seconds += 1800;
  const refreshed = loggedIn(clock, { access: clock.seconds });
  assert.deepEqual(watch.look(refreshed), ["refreshed"]);
  assert.deepEqual(watch.look(refreshed), []);
  clock.seconds += 60;
  const login = loggedIn(clock, { login: clock.seconds });
  assert.deepEqual(watch.look(login), ["logged_in"]);
  assert.deepEqual(watch.look(login), []);
});

Deno.test("decide() tells of the first login of an account, and of its tokens' loss, but not of an account without any", () => {
  const clock = { seconds: START };
  const watch = watcher(clock);
  assert.deepEqual(watch.look(loggedOut()), []);
  assert.deepEqual(watch.look(loggedOut()), []);
  assert.deepEqual(watch.look(loggedIn(clock)), ["logged_in"]);
  clock.seconds += 120;
  assert.deepEqual(watch.look(loggedOut()), ["login_needed"]);
  assert.deepEqual(watch.look(loggedOut()), []);
  clock.seconds += 120;
  // Another program's file may not say when the login was.
  assert.deepEqual(watch.look(loggedIn(clock, { known: false })), [
    "logged_in",
  ]);
});

Deno.test("decide() ignores tokens that were read before another process stored and told of newer ones", () => {
  const clock = { seconds: START };
  const watch = watcher(clock);
  watch.look(loggedIn(clock));
  clock.seconds = START + 7 * DAY + 1;
  const read = loggedIn(clock);
  const login = loggedIn(clock, { login: clock.seconds });
  assert.deepEqual(watch.look(login), ["logged_in"]);
  assert.deepEqual(watch.look(read), []);
  assert.deepEqual(watch.look(login), []);
  // Tokens of a backup are what they are.
  clock.seconds += 60;
  assert.deepEqual(watch.look(read), ["login_needed"]);
});

Deno.test("decide() repeats no warning when the clock is set back and put right", () => {
  const clock = { seconds: START + 6 * DAY + HOUR };
  const watch = watcher(clock);
  const options = { access: clock.seconds };
  assert.deepEqual(watch.look(loggedIn(clock, options)), ["login_due"]);
  const now = clock.seconds;
  clock.seconds = START + DAY;
  assert.deepEqual(watch.look(loggedIn(clock, options)), []);
  clock.seconds = now;
  assert.deepEqual(watch.look(loggedIn(clock, options)), []);
});

Deno.test("decide() warns again where refreshes move the end of a login away, and it comes near once more", () => {
  const clock = { seconds: START };
  const watch = watcher(clock);
  const first = { life: 30 * DAY };
  watch.look(loggedIn(clock, first));
  clock.seconds = START + 29 * DAY;
  assert.deepEqual(watch.look(loggedIn(clock, first)), ["login_due"]);
  const moved = { life: 60 * DAY, access: clock.seconds };
  assert.deepEqual(watch.look(loggedIn(clock, moved)), ["refreshed"]);
  const events = watch.follow(moved, 60, START + 60 * DAY);
  assert.deepEqual(events.map(([event]) => event), [
    "login_due",
    "login_due",
    "login_due",
    "login_needed",
  ]);
});

Deno.test("decideFailure() tells of the third failure in a row, and again once a refresh has worked or a login taken place", () => {
  const clock = { seconds: START };
  const watch = watcher(clock);
  watch.look(loggedIn(clock));
  const failures = () => [1, 2, 3, 4, 5].flatMap((times) => watch.fail(times));
  assert.deepEqual(failures(), ["refresh_failed"]);
  assert.deepEqual(failures(), []);
  clock.seconds += 1800;
  watch.look(loggedIn(clock, { access: clock.seconds }));
  assert.deepEqual(failures(), ["refresh_failed"]);
  clock.seconds += 1800;
  watch.look(loggedIn(clock, { login: clock.seconds }));
  assert.deepEqual(failures(), ["refresh_failed"]);
});

Deno.test("decide() agrees with what tdauth status says, repeats nothing, and returns the same object when nothing is new, whatever happens", () => {
  const step = fc.record({
    wait: fc.integer({ min: 0, max: 3 * DAY }),
    does: fc.constantFrom("nothing", "refresh", "login", "logout", "refuse"),
  });
  fc.assert(fc.property(
    fc.constantFrom(3 * HOUR, 12 * HOUR, 3 * DAY, 7 * DAY, 90 * DAY),
    fc.array(step, { maxLength: 40 }),
    (life, steps) => {
      const clock = { seconds: START };
      let options: LoginOptions | undefined = { life };
      const tokens = () =>
        options === undefined ? loggedOut() : loggedIn(clock, options);
      let told: Told = decide(undefined, tokens(), START * 1000).told;
      /** What was told of this login. */
      let ofLogin: HookEventName[] = [];
      for (const { wait, does } of steps) {
        clock.seconds += 61 + wait; // looks within a minute are of their own test
        const login = clock.seconds;
        if (does === "login") options = { life, login };
        else if (does === "logout") options = undefined;
        else if (options !== undefined) {
          options = does === "refresh"
            ? { ...options, access: clock.seconds }
            : does === "refuse"
            ? { ...options, refused: true }
            : options;
        }
        if (does === "login") ofLogin = [];
        const now = clock.seconds * 1000;
        const seen = tokens();
        const { events, told: then } = decide(told, seen, now);
        const left = loginNeededIn(seen);
        assert.equal(events.includes("logged_in"), does === "login");
        if (events.includes("login_needed")) assert.ok(left <= 0);
        if (events.includes("login_due")) {
          assert.ok(left > 0 && left <= 2 * DAY);
        }
        if (left <= 0) assert.ok(then.needed);
        assert.equal(new Set(events).size, events.length);
        const again = decide(then, tokens(), now + 1);
        assert.deepEqual(again.events, []);
        assert.equal(again.told, then);
        ofLogin.push(...events);
        const count = (one: HookEventName) =>
          ofLogin.filter((event) => event === one).length;
        assert.ok(count("login_due") <= THRESHOLDS.length);
        told = then;
      }
    },
  ));
});
