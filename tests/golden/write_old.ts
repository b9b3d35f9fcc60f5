/** For `write.ts`: the code of the checkout itself, for processes of it beside those of the code of today. */
import { denoProcess } from "../../tools/deno.ts";
import { temporaryDirectory } from "../support.ts";
import { COMMIT, TREE } from "./checkout.ts";
import { WRITTEN } from "./place.ts";

/** What of it is used. */
const ENTRY = `export { prepare } from "./src/context.ts";
export { authorize } from "./src/authorize.ts";
export { DiskCache } from "./src/cache/disk_cache.ts";
export { SealedCache } from "./src/cache/sealed_cache.ts";
export { rawKey } from "./src/seal/seal_key.ts";
export { readConfig } from "./src/settings/config_file.ts";
export { keptCertificate } from "./src/login/certificate.ts";
export { readTrust } from "./src/trust/trust_record.ts";
export { connectRedis } from "./src/redis/mod.ts";
`;
/** What is not in the bundle. */
const EXTERNAL = [
  // Packages, and what no test of the old code loads: logins and discovery.
  ...["@redis/client", "@peculiar/x509", "oauth4webapi"],
  ...["*/login/login.ts", "*/login/browser.ts", "*/discovered.ts"],
];

/** Writes `old.js`. */
export async function writeOld(): Promise<void> {
  Deno.writeTextFileSync(`${TREE}/golden_entry.ts`, ENTRY);
  await using directory = temporaryDirectory();
  const bundle = `${directory.path}/old.js`;
  const { success, stderr } = await denoProcess([
    "bundle",
    "--no-lock",
    ...EXTERNAL.flatMap((name) => ["--external", name]),
    `--output=${bundle}`,
    `${TREE}/golden_entry.ts`,
  ]).output();
  Deno.removeSync(`${TREE}/golden_entry.ts`);
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  Deno.writeTextFileSync(
    `${WRITTEN}/old.js`,
    `// tdauth as it was at commit ${COMMIT}: made by tests/golden/write.ts with "deno bundle" (Deno ${Deno.version.deno}). Not to be changed.\n` +
      Deno.readTextFileSync(bundle),
  );
}
