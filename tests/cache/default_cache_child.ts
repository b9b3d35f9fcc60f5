// deno-lint-ignore-file no-console -- its parent reads what it prints
/** Stores a token as the seed's example does, and prints where. */
import { AccessToken, DiskCache } from "../../mod.ts";

const c = new DiskCache();
c.accessToken = new AccessToken({ token: "CANARY-default", expiresIn: 10 });
console.log(c.path);
