/** google-auth-library with a client whose credentials were kept. */
import { OAuth2Client } from "google-auth-library";
import { answer, stored } from "./measure.mjs";

const { accessToken, refreshToken, expiresAt } = stored();
const client = new OAuth2Client({ clientId: "BENCH", clientSecret: "S" });
client.setCredentials({
  access_token: accessToken,
  refresh_token: refreshToken,
  expiry_date: expiresAt,
});
await answer(async () => (await client.getAccessToken()).token);
