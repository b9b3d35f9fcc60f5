import type { Define } from "./define.ts";

/** The commands that look after the machine that tdauth runs on, and after tdauth itself. */
export function upkeepCommands({ add, hidden, runs }: Define): void {
  add(
    "doctor",
    "Find out what would keep a login or a refresh from working; changes nothing.",
    "tdauth doctor --offline",
  )
    .summary("Find out what would keep a login from working.")
    .option("--offline", "ask nothing of the network")
    .action(
      runs(async () => (await import("../doctor/run_checks.ts")).doctorCommand),
    );
  add(
    "unseal",
    "Keep the tokens in clear again, after tdauth configure --seal.",
    "tdauth unseal --profile work",
  )
    .summary("Keep the tokens in clear again.")
    .action(
      runs(async () =>
        (await import("../account/seal_tokens.ts")).unsealCommand
      ),
    );
  const cert = add(
    "cert",
    "Look after this machine's certificate for https callbacks.",
    "tdauth cert trust",
  )
    .summary("Look after the certificate for https callbacks.")
    .helpCommand(false);
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
  add(
    "completions",
    "Print the completions for your shell, or install them.",
    "tdauth completions --install",
  )
    .summary("Print or install your shell's completions.")
    .argument("[shell]", "bash, zsh or fish (default: from SHELL)")
    .option("--install", "write them where your shell looks for them")
    .option("--uninstall", "remove them from there")
    .action(
      runs(async () =>
        (await import("../commands/completions/completions.ts"))
          .completionsCommand
      ),
    );
  add(
    "man",
    "Show the manual; piped, print its source for man.",
    "tdauth man > ~/.local/share/man/man1/tdauth.1",
  )
    .summary("Show the manual.")
    .action(
      runs(async () => (await import("../commands/man/man.ts")).manCommand),
    );
  // What the completions ask at each Tab.
  hidden("complete").argument("[words...]").action(
    runs(async () =>
      (await import("../commands/complete/complete.ts")).completeCommand
    ),
  );
}
