import type { SettingTexts } from "../settings/settings.ts";
import type { GlobalFlags } from "./account/prepare_command.ts";

/** Flags that describe the user's app, of `configure` and `login`. */
export interface AppFlags extends GlobalFlags {
  /** `--consumer-key KEY` */
  readonly consumerKey?: string;
  /** `--callback-url URL` */
  readonly callbackUrl?: string;
  /** `--scope SCOPE` */
  readonly scope?: string;
  /** `--sandbox URL` */
  readonly sandbox?: string;
  /** `--cert-file FILE` */
  readonly certFile?: string;
  /** `--key-file FILE` */
  readonly keyFile?: string;
}

/** The settings that those flags give. There is none for the secret: arguments are seen by every user of the machine. */
export function appSettings(flags: AppFlags): SettingTexts {
  const { consumerKey, callbackUrl, scope, sandbox, certFile, keyFile } = flags;
  return { consumerKey, callbackUrl, scope, sandbox, certFile, keyFile };
}
