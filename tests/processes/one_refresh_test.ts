/** One refresh among all processes that find the access token expired. */
import assert from "node:assert/strict";
import { temporaryDirectory } from "../support.ts";
import { deno24 } from "./deno_2_4.ts";
import { type FleetOptions, outcomeOf, runFleet } from "./fleet.ts";
import { oidcPlace, type Place, sandboxPlace } from "./place.ts";

const PROCESSES = 20;

const SERVERS: readonly (readonly [string, () => Promise<Place>])[] = [
  ["a broker that keeps refresh tokens", () => sandboxPlace()],
  [
    "a broker that rotates them",
    () => sandboxPlace({ rotation: "rotate" }),
  ],
  [
    "a broker that kills the login when an old one comes back",
    () => sandboxPlace({ rotation: "kill" }),
  ],
  ["oidc-provider, which does so too", oidcPlace],
];

/** Exactly one request, and every process has the new token, which works and is on disk. */
async function assertOne(
  place: Place,
  options: Omit<FleetOptions, "processes">,
): Promise<void> {
  const { access_token: { token: old } } = place.tokens();
  const results = await runFleet(place, { processes: PROCESSES, ...options });
  const said = results.map(({ stderr }) => stderr).join("");
  assert.deepEqual(
    await outcomeOf(place, results),
    { requests: 1, valid: PROCESSES, tokens: 1 },
    said,
  );
  const { token } = place.tokens().access_token;
  assert.notEqual(token, old);
  assert.equal(results[0]?.stdout, `${token}\n`);
}

for (const [server, make] of SERVERS) {
  Deno.test(`tdauth token and authorize() in ${PROCESSES} processes started at once send one refresh to ${server}`, async () => {
    await using place = await make();
    await assertOne(place, { barrier: false });
  });

  Deno.test(`tdauth token and authorize() in ${PROCESSES} processes released at the same moment send one refresh to ${server}`, async () => {
    await using place = await make();
    await assertOne(place, { barrier: true });
  });
}

Deno.test(`tdauth token and authorize() in ${PROCESSES} processes on Deno ${Deno.version.deno} and 2.4.2 in turn send one refresh`, async () => {
  await using directory = temporaryDirectory();
  const oldest = await deno24(directory.path);
  await using place = await sandboxPlace({ rotation: "kill" });
  await assertOne(place, {
    barrier: true,
    denos: [{}, oldest],
  });
});
