/** google-auth-library with a client whose credentials were kept. */
import { answer, stored } from "./measure.mjs";

// By a variable: the type checker need not have it.
const LIBRARY = "google-auth-library";
const { OAuth2Client } = await import(LIBRARY);
const { accessToken, refreshToken, expiresAt } = stored();
const client = new OAuth2Client({ clientId: "BENCH", clientSecret: "S" });
client.setCredentials({
  access_token: accessToken,
  refresh_token: refreshToken,
  expiry_date: expiresAt,
});
await answer(async () => (await client.getAccessToken()).token);
