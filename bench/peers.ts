import { fileURLToPath } from "node:url";
import { outputOf, type Place, tryOutput } from "./program.ts";

/** Another tool that prints a cached, valid access token. */
export interface Peer {
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** The command that prints the token; absent when it is not found or not usable. */
  readonly command?: readonly string[];
  /** For a Node library: its script, which reads the token file. */
  readonly script?: string;
}

const SCRIPTS = fileURLToPath(new URL("peers/", import.meta.url));
const LIBRARIES = [
  ["google-auth-library", "google_auth.mjs"],
  ["@sudowealth/schwab-api", "schwab_api.mjs"],
] as const;

/**
 * Finds the peers on this machine. `deno task bench:peers` installs the Node
 * libraries; `gh` and `oidc-agent-cli` are Debian packages.
 *
 * @param tokenFile A token file of tdauth's.
 * @param token The access token in it.
 * @param place Where they run; `GH_CONFIG_DIR` in its environment is gh's own.
 * @returns All of them, found or not.
 */
export function findPeers(
  tokenFile: string,
  token: string,
  place: Place,
): Peer[] {
  return [gh(token, place), oidcToken(place), ...libraries(tokenFile, place)];
}

function gh(token: string, place: Place): Peer {
  const name = "`gh auth token`";
  const said = tryOutput(["gh", "--version"], place);
  const directory = place.env?.["GH_CONFIG_DIR"];
  if (said === undefined || directory === undefined) {
    return { name, version: "not found (Debian package `gh`)" };
  }
  Deno.mkdirSync(directory, { recursive: true });
  Deno.writeTextFileSync(
    `${directory}/hosts.yml`,
    `github.com:\n    user: bench\n    oauth_token: ${token}\n    git_protocol: https\n`,
  );
  const version = /[\d.]+/.exec(said)?.[0] ?? "unknown";
  return { name, version, command: ["gh", "auth", "token"] };
}

function oidcToken(place: Place): Peer {
  const name = "`oidc-token`";
  const said = tryOutput(["oidc-token", "--version"], place);
  const version = /[\d.]+/.exec(said ?? "")?.[0];
  return {
    name,
    version: version === undefined
      ? "not found (Debian package `oidc-agent-cli`)"
      : `${version}, not measured: it asks a running agent that has an account`,
  };
}

function libraries(tokenFile: string, place: Place): Peer[] {
  const node = tryOutput(["node", "--version"], place)?.trim();
  return LIBRARIES.map(([name, script]) => {
    const path = `${SCRIPTS}node_modules/${name}/package.json`;
    let version: string;
    try {
      version = JSON.parse(Deno.readTextFileSync(path)).version;
    } catch {
      return {
        name: `\`${name}\``,
        version: "not found (`deno task bench:peers`)",
      };
    }
    if (node === undefined) {
      return { name: `\`${name}\``, version: `${version}, but no Node` };
    }
    return {
      name: `\`${name}\``,
      version: `${version}, Node ${node.slice(1)}`,
      command: ["node", `${SCRIPTS}${script}`, tokenFile],
      script: `${SCRIPTS}${script}`,
    };
  });
}

/**
 * Measures a library's way to a cached token within one Node process.
 *
 * @returns Microseconds a call by round, and of an object whose expiry is looked at.
 */
export function callsIn(
  script: string,
  tokenFile: string,
  rounds: number,
  place: Place,
): { readonly floor: number[]; readonly call: number[] } {
  const command = ["node", script, tokenFile, "calls", `${rounds}`];
  return JSON.parse(outputOf(command, place));
}
