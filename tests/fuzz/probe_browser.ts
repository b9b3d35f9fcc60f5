/** A `--browser` that looks first whether the callback server answers by now, writes down how, and lets the app in. */
import { connect } from "node:tls";
import { approve } from "../../src/sandbox/mod.ts";

const [file = "", page = ""] = Deno.args;
const callback = new URL(
  new URL(page).searchParams.get("redirect_uri") ?? "",
);
const port = Number(callback.port);
const answered: string[] = [];
for (const hostname of ["127.0.0.1", "::1"]) {
  try {
    if (callback.protocol === "https:") await handshake(hostname);
    else (await Deno.connect({ hostname, port })).close();
    answered.push(hostname);
  } catch {
    // no server is there
  }
}
Deno.writeTextFileSync(file, JSON.stringify(answered));
await approve(page);

function handshake(host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, rejectUnauthorized: false }, () => {
      socket.destroy();
      resolve();
    });
    socket.on("error", reject);
  });
}
