// deno-lint-ignore-file no-console -- the test reads it
/** A command for `tdauth exec`: says what it was given, or counts a signal for a while. */
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
    // A second delivery has time to come.
    if (++times === 1) setTimeout(tell, 700);
  });
  console.log("ready");
  setTimeout(tell, 10_000);
}

function tell(): void {
  console.log(`${signal} came ${times} times`);
  Deno.exit(0);
}
