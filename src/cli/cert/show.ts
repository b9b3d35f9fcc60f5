import { TdauthError } from "../../base/errors.ts";
import {
  certificatePath,
  keptCertificate,
  readCertificate,
  RENEW_BEFORE,
} from "../../certificate/certificate.ts";
import { importX509 } from "../../certificate/local_ca.ts";
import type { Settings } from "../../settings/settings.ts";
import { type Authority, readAuthority } from "../../certificate/authority.ts";
import {
  findStores,
  openStore,
  type TrustContext,
} from "../../certificate/find_stores.ts";
import {
  type Presence,
  type StoreLocation,
  storeName,
} from "../../certificate/store.ts";
import { readTrust } from "../../certificate/trust_record.ts";
import { whyNotTrusted } from "../../certificate/verify_authority.ts";
import type { Command } from "../grammar/command.ts";
import { style, wantsJson, writeJson } from "../terminal/output.ts";
import { nextCommand } from "../terminal/hint_text.ts";
import { formatDuration } from "../terminal/duration.ts";
import { formatWhen } from "../terminal/when.ts";
import { tilde } from "../terminal/tilde.ts";
import { certSettings, printErrors, storeJson, trustContext } from "./local.ts";
import { shellWord } from "../../base/shell_word.ts";
import { isThere } from "../../system/file_stat.ts";

/** A certificate in words. */
interface Described {
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  readonly sha256: string;
  /** Seconds since the epoch. */
  readonly from: number;
  readonly until: number;
}

/** A store, and whether the CA is trusted there, or why that is unknown. */
type StoreStatus = StoreLocation & {
  readonly presence: Presence | undefined;
  readonly error?: TdauthError;
};

/** Shows the callback server's certificate and which trust stores trust it now. */
export async function showCertificate(command: Command): Promise<void> {
  const settings = await certSettings(command);
  const { certFile, keyFile, configDir } = settings;
  if (certFile !== undefined && keyFile !== undefined) {
    return await showOwn(command, certFile, keyFile);
  }
  const kept = keptCertificate(configDir);
  if (kept === undefined) return showNone(command, settings);
  const certificate = await describe(kept.cert);
  const authority = await readAuthority(kept.ca);
  const distrust = await whyNotTrusted(kept, command.io.now() / 1000);
  const around = trustContext(command);
  const looked = await lookEverywhere(configDir, around, authority);
  const path = certificatePath(configDir);
  if (wantsJson(command)) {
    return writeJson(command.io, {
      kind: "local",
      ...json(certificate),
      renewed_from: certificate.until - RENEW_BEFORE,
      path,
      authority: authority.name,
      authority_fingerprint_sha256: authority.sha256,
      authority_verified: distrust === undefined,
      stores: looked.map(({ presence, ...place }) => ({
        ...storeJson(place),
        trusted: presence === undefined ? null : presence === "trusted",
      })),
    });
  }
  const { bold, dim, green, yellow, cyan } = style(command, "out");
  const row = rows(dim);
  const mark = (presence: Presence | undefined) =>
    presence === "trusted"
      ? green("trusted")
      : presence === undefined
      ? yellow("unknown")
      : "not trusted";
  const width = Math.max(...looked.map((one) => storeName(one).length));
  command.io.out(
    "\n" + [
      `  ${bold("Certificate of the callback server")}\n\n`,
      ...described(command, certificate),
      row(
        "Renewed",
        `automatically from ${formatWhen(certificate.until - RENEW_BEFORE)}`,
      ),
      row("Stored in", tilde(command, path)),
      "\n",
      row("Its CA", authority.name),
      distrust === undefined
        ? row("", dim("valid only for localhost, 127.0.0.1 and ::1"))
        : row("", yellow(`do not trust it: ${distrust}`)),
      ...fingerprint(row, authority.sha256),
      "\n",
      ...looked.map((one, at) =>
        row(
          at === 0 ? "Trust stores" : "",
          `${storeName(one).padEnd(width)}  ${mark(one.presence)}\n` +
            row("", dim(tilde(command, one.path))).trimEnd(),
        )
      ),
    ].join("") + "\n",
  );
  printErrors(command, looked.flatMap(({ error }) => error ?? []));
  if (distrust !== undefined) {
    return command.io.out(
      `  To generate a new one, run ${
        cyan(nextCommand(command, ["cert", "renew"]))
      }\n\n`,
    );
  }
  if (
    looked.some(({ presence }) => presence !== undefined) &&
    looked.every(({ presence }) => presence !== "trusted")
  ) {
    command.io.out(
      `  To make browsers trust it, run ${
        cyan(nextCommand(command, ["cert", "trust"]))
      }\n\n`,
    );
  }
}

function showNone(command: Command, { configDir }: Settings): void {
  const path = certificatePath(configDir);
  const damaged = isThere(path);
  if (wantsJson(command)) {
    return writeJson(command.io, { kind: null, ...(damaged && { path }) });
  }
  if (damaged) {
    return command.io.err(
      `The certificate in ${
        tilde(command, path)
      } is damaged, or others could read it: the next login with an https callback URL generates a new one.\n`,
    );
  }
  command.io.err(
    `There is no certificate in ${
      tilde(command, configDir)
    } yet: the first login with an https callback URL generates one.\n`,
  );
}

async function showOwn(
  command: Command,
  certFile: string,
  keyFile: string,
): Promise<void> {
  const { cert } = await readCertificate(certFile, keyFile);
  const certificate = await describe(cert).catch((cause) => {
    throw new TdauthError(
      "certificate_failed",
      `Cannot show "${certFile}": it is not a readable certificate`,
      {
        hint: `check it: openssl x509 -in ${shellWord(certFile)}`,
        cause,
      },
    );
  });
  if (wantsJson(command)) {
    return writeJson(command.io, {
      kind: "own",
      ...json(certificate),
      path: certFile,
    });
  }
  const { bold, dim } = style(command, "out");
  command.io.out(
    "\n" + [
      `  ${bold("Certificate of the callback server")}${dim("  your own")}\n\n`,
      ...described(command, certificate),
      rows(dim)("Stored in", tilde(command, certFile)),
    ].join("") + "\n",
  );
}

/** All browser stores, and every other one that it was added to. */
async function lookEverywhere(
  configDir: string,
  around: TrustContext,
  authority: Authority,
): Promise<StoreStatus[]> {
  const noted = readTrust(configDir)
    .find(({ ca }) => ca === authority.pem)?.stores ?? [];
  const found = findStores(around);
  const stores = [
    ...found,
    ...noted.filter((place) => !found.some(({ path }) => path === place.path))
      .map((place) => openStore(place, around)),
  ];
  const looked: StoreStatus[] = [];
  for (const store of stores) {
    const { kind, path } = store;
    try {
      looked.push({ kind, path, presence: await store.look(authority) });
    } catch (error) {
      if (!(error instanceof TdauthError)) throw error;
      looked.push({ kind, path, presence: undefined, error });
    }
  }
  return looked;
}

async function describe(pem: string): Promise<Described> {
  const x509 = await importX509();
  const first = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/
    .exec(pem)?.[0] ?? pem;
  const certificate = new x509.X509Certificate(first);
  const names = certificate
    .getExtension(x509.SubjectAlternativeNameExtension)?.names.items
    .map(({ value }) => value);
  const digest = new Uint8Array(await certificate.getThumbprint("SHA-256"));
  return {
    subject: certificate.subject,
    issuer: certificate.issuer,
    names: names ?? [],
    sha256: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0"))
      .join(""),
    from: certificate.notBefore.getTime() / 1000,
    until: certificate.notAfter.getTime() / 1000,
  };
}

function json(certificate: Described): Record<string, unknown> {
  return {
    subject: certificate.subject,
    issuer: certificate.issuer,
    names: certificate.names,
    fingerprint_sha256: certificate.sha256,
    valid_from: certificate.from,
    valid_until: certificate.until,
  };
}

type Row = (label: string, text: string) => string;

function rows(dim: (text: string) => string): Row {
  return (label, text) => `  ${dim(label.padEnd(15))}${text}\n`;
}

function described(command: Command, certificate: Described): string[] {
  const { dim, red } = style(command, "out");
  const row = rows(dim);
  const { subject, names, sha256, from, until } = certificate;
  const left = until - command.io.now() / 1000;
  return [
    row("Subject", subject),
    row("Names", names.join(", ") || "none"),
    row("Valid from", formatWhen(from)),
    row(
      "Valid until",
      `${formatWhen(until)} ${
        left > 0 ? dim(`(${formatDuration(left)} left)`) : red("expired")
      }`,
    ),
    ...fingerprint(row, sha256),
  ];
}

/** As browsers and openssl write it, in two lines that fit a terminal. */
function fingerprint(row: Row, sha256: string): string[] {
  const pairs = sha256.toUpperCase().match(/../g) ?? [];
  return [
    row("SHA-256", pairs.slice(0, 16).join(":") + ":"),
    row("", pairs.slice(16).join(":")),
  ];
}
