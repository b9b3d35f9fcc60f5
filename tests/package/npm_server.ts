/**
 * A registry like npm on loopback. It has the packages of `deno.lock`, made of the
 * files that this Deno has cached, so that a test can begin with an empty cache
 * and needs no network.
 */
import { join } from "node:path";
import { denoEnvironment } from "../../tools/deno.ts";
import { type Files, pack } from "./tar.ts";

/** A running registry. */
export interface NpmServer extends AsyncDisposable {
  /** The value for `NPM_CONFIG_REGISTRY`. */
  readonly url: string;
  /** The paths that were downloaded, in order. */
  readonly requests: string[];
}

/** Starts a registry on a free port. */
export function startNpmServer(): NpmServer {
  const requests: string[] = [];
  const packages = lockedPackages();
  const archives = new Map<string, Uint8Array<ArrayBuffer>>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname, origin } = new URL(request.url);
      requests.push(pathname);
      const name = decodeURIComponent(pathname.slice(1));
      const archive = archives.get(name);
      if (archive !== undefined) return new Response(archive);
      const versions: Record<string, unknown> = {};
      // npm has optional peers as well, whose versions are asked for and not installed.
      if (!packages.has(name)) versions["0.0.0"] = { version: "0.0.0" };
      for (const version of packages.get(name) ?? []) {
        const { manifest, files } = cachedPackage(name, version);
        const archive = await pack(files);
        archives.set(`${name}/-/${version}.tgz`, archive);
        versions[version] = {
          ...manifest,
          dist: {
            tarball: `${origin}/${name}/-/${version}.tgz`,
            integrity: await integrity(archive),
          },
        };
      }
      const [latest] = Object.keys(versions);
      return latest === undefined
        ? new Response(null, { status: 404 })
        : Response.json({ name, "dist-tags": { latest }, versions });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** The versions of each package that the program uses. */
function lockedPackages(): ReadonlyMap<string, readonly string[]> {
  const lock: { readonly npm: Readonly<Record<string, unknown>> } = JSON.parse(
    Deno.readTextFileSync(new URL("../../deno.lock", import.meta.url)),
  );
  const found = new Map<string, string[]>();
  for (const key of Object.keys(lock.npm)) {
    const at = key.indexOf("@", 1);
    const name = key.slice(0, at);
    const versions = found.get(name) ?? [];
    found.set(name, [...versions, key.slice(at + 1)]);
  }
  return found;
}

/** What Deno has cached of a package, from whichever registry that was. */
function cachedPackage(
  name: string,
  version: string,
): { readonly manifest: Record<string, unknown>; readonly files: Files } {
  const cache = join(denoEnvironment().DENO_DIR, "npm");
  for (const registry of Deno.readDirSync(cache)) {
    const directory = join(cache, registry.name, name, version);
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    try {
      addFiles(files, directory, "package");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    const manifest = files.get("package/package.json");
    if (manifest === undefined) continue;
    return { manifest: JSON.parse(new TextDecoder().decode(manifest)), files };
  }
  throw new Error(`${name}@${version} is not cached: see fetch_packages.ts`);
}

function addFiles(
  files: Map<string, Uint8Array<ArrayBuffer>>,
  directory: string,
  at: string,
): void {
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    const path = join(directory, name);
    if (isDirectory) addFiles(files, path, `${at}/${name}`);
    else files.set(`${at}/${name}`, Deno.readFileSync(path));
  }
}

async function integrity(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-512", bytes));
  return `sha512-${hash.toBase64()}`;
}
