// deno-lint-ignore-file no-console -- the test reads it
/** A command for `tdauth exec`: says what it was given, or counts a signal until another one comes. */
import { endOf } from "./exec_signals.ts";

const [signal] = Deno.args;
let times = 0;

if (signal === undefined || signal.startsWith("-")) {
  console.log(JSON.stringify({
    args: Deno.args,
    env: Deno.env.toObject(),
    // Its own arguments and tdauth's, as every user of the machine sees them.
    seen: [Deno.pid, Deno.ppid].map((pid) =>
      Deno.readTextFileSync(`/proc/${pid}/cmdline`)
    ),
  }));
} else {
  Deno.addSignalListener(signal as Deno.Signal, () => {
    console.log(`${signal} came ${++times} times`);
  });
  Deno.addSignalListener(endOf(signal), () => {
    console.log(`${signal} came ${times} times in all`);
    Deno.exit(0);
  });
  setInterval(() => {}, 60_000); // listeners alone do not keep it running
  console.log("ready");
}
