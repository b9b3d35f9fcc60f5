// deno-lint-ignore-file no-console -- its stdout is what the test reads
/** One process of many that look at the same account: when its stdin ends. */
import { HOOK_EVENT_NAMES } from "../../src/hooks/hook_event.ts";
import { createNotifier } from "../../src/hooks/notifier.ts";
import { DAY, HOUR, loggedIn, START } from "./accounts.ts";

const [directory = "", run = "[]"] = Deno.args;
const [program = "", ...args] = JSON.parse(run);
const clock = { seconds: START + 6 * DAY + HOUR };
console.log("ready");
for await (const _ of Deno.stdin.readable);
await using notifier = createNotifier({
  hooks: () => [{
    number: 1,
    on: HOOK_EVENT_NAMES,
    profiles: undefined,
    run: [program, ...args],
  }],
  directory,
  log: (_level, message) => console.log(message),
  now: () => clock.seconds * 1000,
  fetch,
  stays: false,
});
const events = await notifier.look({
  profile: "default",
  provider: "schwab",
  tokens: loggedIn(clock),
});
for (const { event } of events) console.log(event);
