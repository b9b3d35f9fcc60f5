import { keptCertificate } from "../../certificate/certificate.ts";
import { importX509 } from "../../certificate/local_ca.ts";
import { missingPackage } from "../../base/missing_package.ts";
import { usesCertificate } from "./certificate.ts";
import { failed, type Finding } from "./finding.ts";
import type { Facts } from "./facts.ts";

/**
 * Looks whether the packages are here, or can be fetched, that nothing but a
 * login or a refresh loads: one that is missing would otherwise be noticed by
 * a job in the night. Says nothing where all are.
 *
 * @param facts What is looked at.
 * @param protocol Loads what every login and refresh needs.
 * @param certificates Loads what makes a certificate.
 * @returns What is missing.
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
