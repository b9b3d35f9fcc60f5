/**
 * A registry like JSR on loopback: `deno publish` uploads to it, and it serves
 * what it was sent. So the tests have no list of the package's files.
 */
import { type Files, unpack } from "./tar.ts";

/** A published version of a package. */
export interface Published {
  /** With its scope: `@scope/name`. */
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  /** The files as they were uploaded, by their paths. */
  readonly files: Files;
}

/** A running registry. */
export interface JsrServer extends AsyncDisposable {
  /** The value for `JSR_URL`. */
  readonly url: string;
  /** The paths that were downloaded, in order. */
  readonly requests: string[];
  /** The last package that was published. */
  readonly published: Published | undefined;
}

/** Starts a registry on a free port. */
export function startJsrServer(): JsrServer {
  const requests: string[] = [];
  let published: Published | undefined;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const path = decodeURIComponent(new URL(request.url).pathname);
      if (path.startsWith("/api/")) {
        if (request.method === "POST") published = await uploaded(request);
        return answerPublisher(request.method, path);
      }
      requests.push(path);
      return await download(published, path);
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    requests,
    get published() {
      return published;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function uploaded(request: Request): Promise<Published> {
  const files = await unpack(request.body ?? new ReadableStream());
  const config = JSON.parse(
    new TextDecoder().decode(files.get("deno.json")),
  );
  const { name, version, exports } = config;
  return { name, version, exports, files };
}

/** The package exists, the version does not yet, and an upload is published at once. */
function answerPublisher(method: string, path: string): Response {
  if (method === "POST") {
    return Response.json({ id: "1", status: "success", error: null });
  }
  return path.includes("/versions/")
    ? new Response(null, { status: 404 })
    : Response.json({});
}

async function download(
  published: Published | undefined,
  path: string,
): Promise<Response> {
  const missing = new Response(null, { status: 404 });
  if (published === undefined) return missing;
  const { name, version, exports, files } = published;
  if (path === `/${name}/meta.json`) {
    return Response.json({
      latest: version,
      versions: { [version]: { createdAt: "2026-01-01T00:00:00.000Z" } },
    });
  }
  if (path === `/${name}/${version}_meta.json`) {
    const entries = [...files].map(async ([path, bytes]) => [
      `/${path}`,
      { size: bytes.length, checksum: await checksum(bytes) },
    ]);
    const manifest = Object.fromEntries(await Promise.all(entries));
    return Response.json({ exports, manifest });
  }
  const file = path.replace(`/${name}/${version}/`, "");
  const bytes = files.get(file);
  if (bytes === undefined) return missing;
  const [, ending = ""] = /\.(\w+)$/.exec(file) ?? [];
  const type = TYPES[ending] ?? "application/octet-stream";
  return new Response(bytes, { headers: { "content-type": type } });
}

/** As JSR serves them; Deno takes the kind of a module from here. */
const TYPES: Readonly<Record<string, string>> = {
  ts: "text/typescript",
  json: "application/json",
  md: "text/markdown",
};

async function checksum(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256-${hash.toHex()}`;
}
