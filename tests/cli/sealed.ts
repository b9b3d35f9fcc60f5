/** What the tests of sealed tokens share. */
import assert from "node:assert/strict";
import type { Machine } from "./machine.ts";

/** A key, as `openssl rand -base64 32` makes one. */
export const newKey = (): string =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));

/** A machine with a configured profile and stored tokens, which all files are looked through for. */
export async function configured(
  machine: Machine,
  values: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { consumerKey, consumerSecret, callbackUrl } = machine.sandbox.app;
  machine.writeConfig({
    default: {
      provider: machine.sandbox.broker,
      consumerKey,
      ...(consumerSecret !== undefined && { consumerSecret }),
      callbackUrl,
      sandbox: machine.sandbox.url,
      ...values,
    },
  });
  await machine.signIn();
}

/** Fails when a token, or any other secret but the app's own, is in clear in a file of the home directory. */
export function assertNothingInClear(
  machine: Machine,
  ...more: readonly string[]
): void {
  const { consumerSecret = "" } = machine.sandbox.app;
  const canaries = [...machine.secrets, ...more]
    .filter((secret) => !secret.includes(consumerSecret) && secret !== "")
    .filter((secret) =>
      secret !== btoa(
        `${machine.sandbox.app.consumerKey}:${consumerSecret}`,
      )
    );
  assert.ok(canaries.length >= 2, "there is something to look for");
  for (const path of files(machine.home)) {
    const text = new TextDecoder("latin1").decode(Deno.readFileSync(path));
    for (const canary of canaries) {
      assert.ok(!text.includes(canary), `${path} holds a token in clear`);
    }
  }
}

function files(directory: string): string[] {
  return [...Deno.readDirSync(directory)].flatMap(({ name, isDirectory }) =>
    isDirectory ? files(`${directory}/${name}`) : [`${directory}/${name}`]
  );
}

/** The token file as it is, byte for byte. */
export function bytes(machine: Machine): Uint8Array {
  return Deno.readFileSync(machine.tokenPath);
}

/** What the token file is sealed with; nothing when it is not. */
export function sealOf(machine: Machine): string | undefined {
  const { sealed } = JSON.parse(Deno.readTextFileSync(machine.tokenPath));
  return /^tdauth-sealed:1:(\w+):/.exec(sealed ?? "")?.[1];
}
