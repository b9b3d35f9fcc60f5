/** A user's script: prints the code and the message of what `authorize()` throws, as JSON. */
import { authorize, TdauthError } from "../../mod.ts";

try {
  await authorize({
    callbackUrl: "https://127.0.0.1:8182",
    interactive: false,
  });
} catch (error) {
  if (!(error instanceof TdauthError)) throw error;
  const { code, message } = error;
  Deno.stdout.writeSync(
    new TextEncoder().encode(JSON.stringify({ code, message })),
  );
}
