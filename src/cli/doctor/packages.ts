import { keptCertificate } from "../../certificate/certificate.ts";
import { importX509 } from "../../certificate/local_ca.ts";
import { missingPackage } from "../../base/missing_package.ts";
import { usesCertificate } from "./certificate.ts";
import { failed, type Finding } from "./finding.ts";
import type { Facts } from "./facts.ts";

/**
 * Checks that the packages which only a login or a refresh loads are cached or can
 * be fetched: otherwise a nightly job would be the first to notice a missing one.
 *
 * @param facts The facts to check.
 * @param protocol Loads what every login and refresh needs.
 * @param certificates Loads what generates a certificate.
 * @returns A finding for each missing package.
 */
export async function packagesCheck(
  { settings }: Pick<Facts, "settings">,
  protocol: () => Promise<unknown> = () => import("oauth4webapi"),
  certificates: () => Promise<unknown> = importX509,
): Promise<Finding[]> {
  const makesCertificate = settings !== undefined &&
    usesCertificate(settings) && settings.certFile === undefined &&
    keptCertificate(settings.configDir) === undefined;
  const findings: Finding[] = [];
  for (const load of [protocol, ...(makesCertificate ? [certificates] : [])]) {
    try {
      await load();
    } catch (error) {
      const missing = missingPackage(error);
      if (missing === undefined) throw error;
      findings.push(
        failed("packages", missing.message.replace(/^C/, "c"), {
          fix: missing.hint,
        }),
      );
    }
  }
  return findings;
}
