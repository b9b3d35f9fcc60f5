/** Archives, as `deno publish` uploads them and as npm serves them. */

/** The files of an archive, by their paths without a leading slash. */
export type Files = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

const BLOCK = 512;

/**
 * Returns the files of a gzipped tar archive.
 *
 * @throws {TypeError} When it has an entry that is no plain file with a short name.
 */
export async function unpack(archive: ReadableStream): Promise<Files> {
  const tar = new Uint8Array(
    await new Response(archive.pipeThrough(new DecompressionStream("gzip")))
      .arrayBuffer(),
  );
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (let at = 0; at + BLOCK <= tar.length;) {
    const field = (from: number, to: number) =>
      new TextDecoder().decode(tar.subarray(at + from, at + to))
        .replace(/\0[^]*/, "");
    const [name, type] = [field(0, 100), field(156, 157)];
    if (name === "") break;
    if (type !== "" && type !== "0") {
      throw new TypeError(`cannot unpack ${name}: it is of type ${type}`);
    }
    const size = parseInt(field(124, 136), 8);
    at += BLOCK;
    files.set(name.replace(/^\.?\//, ""), tar.slice(at, at + size));
    at += Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

/**
 * Returns a gzipped tar archive of files.
 *
 * @throws {RangeError} When a path is too long for its header.
 */
export async function pack(files: Files): Promise<Uint8Array<ArrayBuffer>> {
  const blocks: Uint8Array<ArrayBuffer>[] = [];
  for (const [path, bytes] of files) {
    const padding = (BLOCK - bytes.length % BLOCK) % BLOCK;
    blocks.push(header(path, bytes.length), bytes, new Uint8Array(padding));
  }
  blocks.push(new Uint8Array(2 * BLOCK));
  return new Uint8Array(
    await new Response(
      new Blob(blocks).stream().pipeThrough(new CompressionStream("gzip")),
    ).arrayBuffer(),
  );
}

function header(path: string, size: number): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string) =>
    block.set(new TextEncoder().encode(text), at);
  // A long path's directories are in a field of their own.
  const slash = path.length <= 100 ? -1 : path.indexOf("/", path.length - 101);
  if (slash > 155 || (path.length > 100 && slash < 0)) {
    throw new RangeError(`cannot pack ${path}: its path is too long`);
  }
  put(0, path.slice(slash + 1));
  put(100, "0000644\0");
  put(124, `${size.toString(8).padStart(11, "0")}\0`);
  put(136, "00000000000\0");
  put(148, " ".repeat(8));
  put(156, "0");
  put(257, "ustar\x0000");
  if (slash > 0) put(345, path.slice(0, slash));
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return block;
}
