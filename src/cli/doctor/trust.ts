import { keptCertificate } from "../../certificate/certificate.ts";
import { readAuthority } from "../../certificate/authority.ts";
import { openStore } from "../../certificate/find_stores.ts";
import { storeName } from "../../certificate/store.ts";
import { readTrust } from "../../certificate/trust_record.ts";
import { trustContext } from "../cert/local.ts";
import { nextCommand } from "../terminal/hint_text.ts";
import { usesCertificate } from "./certificate.ts";
import { failedWith, type Finding, type Fix, ok, warning } from "./finding.ts";
import type { Facts } from "./facts.ts";

const AGAIN: Fix = {
  fix: "trust it again",
  command: ["cert", "trust"],
};

/** Checks whether the browsers that were set up to trust tdauth's certificate still do. */
export async function trustCheck(facts: Facts): Promise<Finding[]> {
  const { settings, command } = facts;
  if (settings === undefined || !usesCertificate(settings)) return [];
  if ((settings.certFile ?? settings.keyFile) !== undefined) return [];
  const kept = keptCertificate(settings.configDir);
  let noted: ReturnType<typeof readTrust>;
  try {
    noted = readTrust(settings.configDir);
  } catch (error) {
    return [unknown(error)];
  }
  const stores = noted.find(({ ca }) => ca === kept?.ca)?.stores ?? [];
  if (stores.length === 0) {
    if (noted.length > 0) {
      return [
        warning(
          "trust",
          "browsers trust an earlier tdauth certificate, not this one",
          AGAIN,
        ),
      ];
    }
    return kept === undefined ? [] : [
      ok(
        "trust",
        `browsers warn about it at logins; ${
          nextCommand(command, ["cert", "trust"])
        } stops that`,
      ),
    ];
  }
  const authority = await readAuthority(kept?.ca ?? "");
  const around = trustContext(command);
  return await Promise.all(stores.map(async (place) => {
    const name = storeName(place);
    try {
      return await openStore(place, around).look(authority) === "trusted"
        ? ok("trust", `${name} trusts it`)
        : warning("trust", `${name} no longer trusts it`, AGAIN);
    } catch (error) {
      return unknown(error);
    }
  }));
}

/** It may be trusted all the same, and a login needs no trust. */
function unknown(error: unknown): Finding {
  return { ...failedWith("trust", error), state: "warning" };
}
