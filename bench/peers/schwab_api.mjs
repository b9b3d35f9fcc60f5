/** `@sudowealth/schwab-api` with its callbacks for tokens that are kept in a file. */
import { createSchwabAuth } from "@sudowealth/schwab-api";
import { answer, stored } from "./measure.mjs";

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
