/**
 * A login as a process of its own: serves the callback URL in the first
 * argument, says "ready", shows the final page, and exits at once.
 */
import { startCallbackServer } from "../../src/login/callback_server.ts";
import { localTls, patient, STATE, SUCCESS } from "./server_support.ts";

const [callbackUrl = ""] = Deno.args;
// As the command does: what the runtime needs for signals is there from now on.
// Else it panics when that happens to be made while the process is out of files.
Deno.addSignalListener("SIGTERM", () => Deno.exit(143));
const server = await startCallbackServer({
  callbackUrl,
  state: STATE,
  tls: await localTls,
  after: patient,
});
const { cert } = await localTls;
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify({ cert })));
await server.redirect;
await server.finish(SUCCESS);
Deno.exit(7);
