/**
 * Refreshes at a broker that replaces refresh tokens, and prints what came of it:
 * `full_disk_child.ts DIRECTORY before|meanwhile JOBS`. `meanwhile` fills the disk
 * of the directory once the request is about to be sent.
 */
import { authorize, type Provider, schwab, TdauthError } from "../../mod.ts";

const [directory = "", when = "", jobs = "1"] = Deno.args;
const sandbox = Deno.env.get("TD_SANDBOX") ?? "";
const provider: Provider = {
  ...schwab(),
  id: `schwab@${new URL(sandbox).host}`,
  authorizationEndpoint: `${sandbox}/v1/oauth/authorize`,
  tokenEndpoint: `${sandbox}/v1/oauth/token`,
  rotatesRefreshToken: true,
};

/** Fills the disk to its last byte; returns why no more fits. */
function fill(): string {
  using file = Deno.openSync(`${directory}/full`, {
    write: true,
    create: true,
    append: true,
  });
  try {
    for (let size = 65_536; size >= 1;) {
      try {
        file.writeSync(new Uint8Array(size));
      } catch (error) {
        if (size === 1) throw error;
        size = Math.floor(size / 2);
      }
    }
    return "";
  } catch (error) {
    return String(error);
  }
}

let sent = 0;
let full = when === "before" ? fill() : "";
const warnings: string[] = [];
const outcomes = await Promise.all(
  Array.from({ length: Number(jobs) }, async () => {
    try {
      const { accessToken } = await authorize({
        provider,
        interactive: false,
        log: (_level, message) => void warnings.push(message),
        fetch: (url, init) => {
          sent++;
          if (when === "meanwhile") full = fill();
          return fetch(url, init);
        },
      });
      return String(accessToken);
    } catch (error) {
      return error instanceof TdauthError ? error.code : String(error);
    }
  }),
);
const names = [...Deno.readDirSync(directory)].map(({ name }) => name);
const tokenFile = names.find((name) => name.startsWith("PROCESS")) ?? "";
const stored = JSON.parse(Deno.readTextFileSync(`${directory}/${tokenFile}`));
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify({
  full,
  sent,
  outcomes,
  warnings,
  names: names.filter((name) => !name.endsWith(".lock")).sort(),
  access: stored.access_token.token,
  refresh: stored.refresh_token.token,
  pending: stored.refresh_pending ?? null,
})));
