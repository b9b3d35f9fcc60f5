/** One refresh among all processes that find the access token expired. */
import assert from "node:assert/strict";
import { temporaryDirectory } from "../support.ts";
import { deno24 } from "./deno_2_4.ts";
import { type FleetOptions, outcomeOf, runFleet } from "./fleet.ts";
import { oidcPlace, type Place, sandboxPlace } from "./place.ts";

const PROCESSES = 20;

/** How long, in milliseconds, the broker holds its answer back, so that others come meanwhile. */
const HELD = 2000;

/** What a broker makes of a refresh token that has been used. */
type Used = "good as before" | "dead" | "deadly";

const SERVERS: readonly (readonly [string, Used, () => Promise<Place>])[] = [
  [
    "a broker that keeps refresh tokens",
    "good as before",
    () => sandboxPlace(),
  ],
  [
    "a broker that rotates them",
    "dead",
    () => sandboxPlace({ rotation: "rotate" }),
  ],
  [
    "a broker that kills the login when an old one comes back",
    "deadly",
    () => sandboxPlace({ rotation: "kill" }),
  ],
  ["oidc-provider, which does so too", "deadly", oidcPlace],
];

/** Exactly one request, and every process has the new token, which works and is on disk. */
async function assertOne(
  place: Place,
  used: Used,
  options: Omit<FleetOptions, "processes">,
): Promise<void> {
  const old = place.tokens();
  let most = 0;
  place.holdNext(HELD);
  const results = await runFleet(place, {
    processes: PROCESSES,
    atLock: (processes) => most = Math.max(most, processes),
    ...options,
  });
  const said = results.map(({ stderr }) => stderr).join("");
  assert.deepEqual(
    await outcomeOf(place, results),
    { requests: 1, valid: PROCESSES, tokens: 1 },
    said,
  );
  const { access_token: { token }, refresh_token } = place.tokens();
  assert.notEqual(token, old.access_token.token);
  assert.equal(results[0]?.stdout, `${token}\n`);
  if (Deno.build.os === "linux") {
    assert.ok(most > 1, "others waited while one refreshed");
  }
  // The broker is what it is said to be.
  const rotates = used !== "good as before";
  assert.equal(refresh_token.token !== old.refresh_token.token, rotates);
  const status = await place.present(old.refresh_token.token);
  assert.equal(status, rotates ? 400 : 200);
  assert.equal(await place.takes(token), used !== "deadly");
}

for (const [server, used, make] of SERVERS) {
  Deno.test(`tdauth token and authorize() in ${PROCESSES} processes started at once send one refresh to ${server}`, async () => {
    await using place = await make();
    await assertOne(place, used, { barrier: false });
  });

  Deno.test(`tdauth token and authorize() in ${PROCESSES} processes released at the same moment send one refresh to ${server}`, async () => {
    await using place = await make();
    await assertOne(place, used, { barrier: true });
  });
}

Deno.test(`tdauth token and authorize() in ${PROCESSES} processes on Deno ${Deno.version.deno} and 2.4.2 in turn send one refresh`, async () => {
  await using directory = temporaryDirectory();
  const oldest = await deno24(directory.path);
  await using place = await sandboxPlace({ rotation: "kill" });
  await assertOne(place, "deadly", {
    barrier: true,
    denos: [{}, oldest],
  });
});
