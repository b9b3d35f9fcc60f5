import type { Define } from "./define.ts";

/** The commands that look after the machine that tdauth runs on. */
export function upkeepCommands({ add, runs }: Define): void {
  add(
    "doctor",
    "Find out what would keep a login or a refresh from working; changes nothing.",
    "tdauth doctor --offline",
  )
    .option("--offline", "ask nothing of the network")
    .action(runs(async () => (await import("../doctor.ts")).doctorCommand));
  const cert = add(
    "cert",
    "Look after this machine's certificate for https callbacks.",
    "tdauth cert trust",
  ).helpCommand(false);
  add(
    "show",
    "Show the certificate and which browsers trust it.",
    "tdauth cert show --json",
    cert,
  )
    .action(
      runs(async () => (await import("../cert/show.ts")).certShowCommand),
    );
  add("renew", "Make a new certificate now.", "tdauth cert renew", cert)
    .option("--yes", "trust the new one, too, where the old one was trusted")
    .action(
      runs(async () => (await import("../cert/renew.ts")).certRenewCommand),
    );
  add(
    "trust",
    "Have your browsers trust it, so that they warn no more.",
    "tdauth cert trust",
    cert,
  )
    .option("--yes", "do not ask")
    .option("--system", "add it to the system's anchors, too (Linux)")
    .action(
      runs(async () => (await import("../cert/trust.ts")).certTrustCommand),
    );
  add(
    "untrust",
    "Undo what trust has done.",
    "tdauth cert untrust",
    cert,
  )
    .action(
      runs(async () => (await import("../cert/untrust.ts")).certUntrustCommand),
    );
}
