/**
 * Writes a token file as tdauth does, and stops itself between reading and
 * writing, the write lock held: `suspended_child.ts DIRECTORY NAME`. It adds a key
 * to what is there.
 */
import { updateFile } from "../../src/system/atomic_file.ts";

const [directory = "", name = ""] = Deno.args;
let times = 0;
updateFile(`${directory}/${name}`, (old = "{}") => {
  if (++times === 1) {
    Deno.stdout.writeSync(new TextEncoder().encode("stopped\n"));
    Deno.kill(Deno.pid, "SIGSTOP");
  }
  return JSON.stringify({ ...JSON.parse(old), times });
});
