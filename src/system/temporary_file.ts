import { createFile } from "./files.ts";

/**
 * Lets another program read a text from a file that no other user can read or
 * write, and removes it afterwards.
 *
 * @param name The file's name; it gets a directory of its own.
 * @param text Its content.
 * @param run Lets the program read the file.
 * @returns What `run` returns.
 */
export async function withTemporaryFile<T>(
  name: string,
  text: string,
  run: (path: string) => Promise<T>,
): Promise<T> {
  const directory = Deno.makeTempDirSync({ prefix: "tdauth_" }); // 0700
  try {
    const path = `${directory}/${name}`;
    createFile(path, text, 0o600);
    return await run(path);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}
