/** `@sudowealth/schwab-api` with its callbacks for tokens that are kept in a file. */
import { answer, stored } from "./measure.mjs";

// By a variable: the type checker need not have it.
const LIBRARY = "@sudowealth/schwab-api";
const { createSchwabAuth } = await import(LIBRARY);
const auth = createSchwabAuth({
  oauthConfig: {
    clientId: "BENCH",
    clientSecret: "S",
    redirectUri: "https://127.0.0.1:8182",
    load: () => Promise.resolve(stored()),
    save: () => Promise.resolve(),
  },
});
await answer(() => auth.getAccessToken());
