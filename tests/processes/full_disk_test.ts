/** A disk that is full before a refresh, and one that fills up while its answer is on the way. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { deno } from "../../tools/deno.ts";
import { mounted, mounting } from "../mounts.ts";
import { sandboxPlace } from "./place.ts";

const CHILD = fileURLToPath(new URL("full_disk_child.ts", import.meta.url));

/** What the child prints. */
interface Outcome {
  readonly full: string;
  readonly sent: number;
  readonly outcomes: readonly string[];
  readonly warnings: readonly string[];
  readonly names: readonly string[];
  readonly access: string;
  readonly refresh: string;
  readonly pending: number | null;
}

/** Runs the child with the place's tokens on a disk of its own. */
async function onDisk(
  place: Awaited<ReturnType<typeof sandboxPlace>>,
  when: "before" | "meanwhile",
  jobs = 1,
): Promise<Outcome> {
  const directory = place.env["TD_CONFIG_DIR"] ?? "";
  const disk =
    `mkdir "${directory}.old" && cp -a "${directory}/." "${directory}.old" && ` +
    `mount -t tmpfs -o size=256k,mode=700 none "${directory}" && cp -a "${directory}.old/." "${directory}"`;
  const { stdout, stderr } = await new Deno.Command("sh", {
    args: [
      "-c",
      mounted(disk),
      "sh",
      ...deno("run", "-A", CHILD, directory, when, String(jobs)),
    ],
    cwd: place.cwd,
    env: { ...place.env },
    clearEnv: true,
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.ok(text !== "", new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

Deno.test(
  mounting(
    "authorize() stores a rotated refresh token though the disk has filled up since the request was sent (line 56)",
  ),
  async () => {
    await using place = await sandboxPlace({ rotation: "kill" });
    place.expire();
    const before = place.tokens().refresh_token.token;
    const outcome = await onDisk(place, "meanwhile");
    assert.match(outcome.full, /no space left/i, "the disk was full");
    assert.equal(outcome.sent, 1);
    assert.deepEqual(outcome.warnings, []);
    assert.deepEqual(outcome.outcomes, [outcome.access]);
    assert.notEqual(outcome.refresh, before);
    assert.equal(outcome.pending, null);
    assert.ok(await place.takes(outcome.access));
    // The broker takes the stored one, and it is the only one that it does.
    assert.equal(await place.present(outcome.refresh), 200);
    assert.ok(
      !outcome.names.some((name) => /reserved|tmp/.test(name)),
      `${outcome.names}`,
    );
  },
);

Deno.test(
  mounting(
    "authorize() on a full disk sends no request that could cost the refresh token, and lets no job wait (line 56)",
  ),
  async () => {
    await using place = await sandboxPlace({ rotation: "kill" });
    place.expire();
    const before = place.tokens().refresh_token.token;
    const outcome = await onDisk(place, "before", 20);
    assert.match(outcome.full, /no space left/i, "the disk was full");
    assert.equal(outcome.sent, 0);
    assert.deepEqual(new Set(outcome.outcomes), new Set(["cache_unreadable"]));
    assert.equal(outcome.refresh, before);
    assert.equal(place.asked(), 0);
    assert.ok(
      !outcome.names.some((name) => /reserved|tmp/.test(name)),
      `${outcome.names}`,
    );
    assert.equal(await place.present(before), 200);
  },
);
