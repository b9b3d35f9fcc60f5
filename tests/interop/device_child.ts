/** A script that needs a login, without an interface of its own: `device_child.ts ISSUER CALLBACK_URL`. */
import { authorize } from "@tdauth/tdauth";

const [provider = "", callbackUrl = ""] = Deno.args;
const td = await authorize({
  provider,
  consumerKey: "app",
  callbackUrl,
  storeTokens: false,
  interactive: true, // no terminal: its log is read
});
// deno-lint-ignore no-console -- what the test reads
console.log(td.accessToken.valid);
