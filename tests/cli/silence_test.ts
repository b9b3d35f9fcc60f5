import assert from "node:assert/strict";
import { openOutput } from "../../src/cli/commands/fetch/fetch_output.ts";
import type { FetchFlags } from "../../src/cli/commands/fetch/flags.ts";
import { Silence } from "../../src/cli/commands/fetch/silence.ts";
import type { Command } from "../../src/cli/grammar/command.ts";

/** A clock that advances on demand. */
class Clock {
  #now = 0;
  #due: { readonly at: number; readonly act: () => void } | undefined;

  readonly after = (milliseconds: number, act: () => void) => {
    const due = { at: this.#now + milliseconds, act };
    this.#due = due;
    return () => {
      if (this.#due === due) this.#due = undefined;
    };
  };

  /** Whether somebody waits. */
  get runs(): boolean {
    return this.#due !== undefined;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
    if (this.#due !== undefined && this.#due.at <= this.#now) this.#due.act();
  }
}

Deno.test("Silence ends a wait that has lasted too long, and counts anew when something comes", () => {
  const clock = new Clock();
  using silence = new Silence(1, clock.after);
  for (let parts = 0; parts < 6; parts++) {
    silence.begins();
    clock.advance(999);
    silence.ends();
  }
  clock.advance(10_000);
  assert.equal(silence.signal.aborted, false);
  silence.begins();
  clock.advance(1000);
  assert.equal(silence.signal.aborted, true);
});

Deno.test("openOutput() writes an answer whose parts each come in time, however long all of it takes, and lets its reader take as long as they like", async () => {
  const clock = new Clock();
  using silence = new Silence(1, clock.after);
  let parts = 0;
  const response = new Response(
    new ReadableStream({
      pull(controller) {
        assert.ok(clock.runs, "it counts while it waits");
        clock.advance(999);
        if (++parts > 6) return controller.close();
        controller.enqueue(new Uint8Array([46]));
      },
    }, { highWaterMark: 0 }),
  );
  let text = "";
  const command = {
    io: {
      env: () => undefined,
      terminal: { in: false, out: false, err: false },
      outBytes: (bytes: Uint8Array) => {
        text += new TextDecoder().decode(bytes);
        clock.advance(10_000);
        return Promise.resolve();
      },
    },
    flags: {},
    args: [],
  } as unknown as Command<FetchFlags>;
  using output = openOutput(command);
  await output.write(response, silence);
  assert.equal(text, "......");
  assert.deepEqual([silence.signal.aborted, clock.runs], [false, false]);
});
