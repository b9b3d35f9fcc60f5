import { type FileStat, fileStat, lstatOf, statOf } from "./file_stat.ts";
import { realPath, removeQuietly, renameFile, setMode } from "./files.ts";

/** A file that is about to get new content. */
export interface OutputFile extends Disposable {
  /** Writes some more of it. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /**
   * Ends the writing: the file gets the content. Disposed without this, it keeps the old one.
   *
   * @throws {Error} When it can no longer be stored there.
   */
  readonly finish: () => void;
}

/**
 * Opens a file to replace its content. The content goes into a file beside it,
 * which takes its place, and its permissions, once it is complete. Where that is
 * not possible, because the directory or the file belongs to another user, it is
 * copied once it is complete. Anything but a regular file, such as a device or a
 * pipe, is written as it comes.
 *
 * @param name The file, which need not be there.
 * @returns The open file.
 * @throws {Error} When it cannot be written.
 */
export function openOutput(name: string): OutputFile {
  if (name === "") throw new Error("there is no file without a name");
  const target = regularFile(name);
  return target === undefined ? inPlace(name) : whenWhole(target);
}

/** A regular file, or the place for one. */
interface Target {
  readonly path: string;
  /** The existing file; absent for a new one. */
  readonly old?: FileStat;
}

/** Resolves a name; `undefined` when it is not a regular file. */
function regularFile(name: string): Target | undefined {
  // The shell's own files have other writers, too: /dev/stdout.
  if (/^\/(dev|proc)\//.test(name)) return undefined;
  if (lstatOf(name) === undefined) return { path: name };
  const old = statOf(name);
  // A dangling link: writing creates its target.
  return old?.kind === "file" ? { path: realPath(name), old } : undefined;
}

function inPlace(name: string): OutputFile {
  const file = Deno.openSync(name, { write: true, create: true });
  let begun = false;
  const begin = () => {
    if (!begun && file.statSync().isFile) file.truncateSync();
    begun = true;
  };
  return {
    write: async (bytes) => {
      begin();
      await writeAll(file, bytes);
    },
    finish: begin,
    [Symbol.dispose]: () => file.close(),
  };
}

function whenWhole({ path, old }: Target): OutputFile {
  if (old !== undefined) Deno.openSync(path, { write: true }).close();
  const temporary = openTemporary(path, old);
  const file = temporary.file;
  let open = true;
  const close = () => {
    if (open) file.close();
    open = false;
  };
  return {
    write: (bytes) => writeAll(file, bytes),
    finish: () => {
      // A name must not point to content that a power cut has erased.
      file.syncSync();
      close();
      takePlace(temporary, path, old);
    },
    [Symbol.dispose]: () => {
      close();
      removeQuietly(temporary.path); // unless it has taken its place
    },
  };
}

interface Temporary {
  readonly path: string;
  readonly file: Deno.FsFile;
  /** Whether it can take the file's place: same directory, same owner. */
  readonly fits: boolean;
}

function openTemporary(path: string, old: FileStat | undefined): Temporary {
  try {
    const beside = `${path}.${crypto.randomUUID()}.tmp`;
    const file = Deno.openSync(beside, {
      write: true,
      createNew: true,
      ...(old !== undefined && { mode: 0o600 }),
    });
    const { uid, gid } = fileStat(file.statSync());
    const fits = old === undefined || (uid === old.uid && gid === old.gid);
    return { path: beside, file, fits };
  } catch (error) {
    if (old === undefined) throw error;
    const elsewhere = Deno.makeTempFileSync({ prefix: "tdauth" });
    const file = Deno.openSync(elsewhere, { write: true });
    return { path: elsewhere, file, fits: false };
  }
}

function takePlace(
  { path: from, fits }: Temporary,
  to: string,
  old: FileStat | undefined,
): void {
  if (fits) {
    try {
      if (old?.mode) setMode(from, old.mode & 0o777);
      return renameFile(from, to);
    } catch (error) {
      // A file that is mounted by itself can be written, but not replaced.
      if (old === undefined) throw error;
    }
  }
  using source = Deno.openSync(from);
  using target = Deno.openSync(to, { write: true, truncate: true });
  const chunk = new Uint8Array(64 * 1024);
  for (let read = source.readSync(chunk); read; read = source.readSync(chunk)) {
    for (let written = 0; written < read;) {
      written += target.writeSync(chunk.subarray(written, read));
    }
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += await file.write(bytes.subarray(written));
  }
}
