/**
 * Where a setting may come from. `.env` lies in the working directory, which
 * may be a stranger's: it chooses no place, no endpoint, no program and no file
 * of secrets. A row without a `trust` does not compile.
 */
export type Trust = "anywhere" | NotFromDotenv;

/** Why a setting is refused in `.env`. */
export interface NotFromDotenv {
  /** What it would choose there, for the error. */
  readonly chooses: string;
  /** Values that are harmless there all the same. @default {none} */
  readonly harmless?: {
    /** What they are. */
    readonly what: string;
    /** Whether a value is one of them. */
    readonly is: (value: string) => boolean;
  };
}

/**
 * What a setting's text is, which decides how it is read. A `path` is made
 * absolute, as a relative one would name another place in every folder; a `name`
 * may be part of a file's name; a `provider` is a preset's key, an issuer's URL or
 * a word for one of the user's own, and in calls a provider of the caller's own; a
 * `choice` is one of the row's `choices`. An `endpoint` is a URL that secrets may be
 * sent to, an `origin` such a one without a path; `parameters` are form-encoded
 * (`name=value&name=value`), `seconds` a whole number, a `header` a header's value,
 * a `keeper` an `ssh://` URL or the path of a socket.
 */
export type SettingKind =
  | "text"
  | "url"
  | "path"
  | "name"
  | "provider"
  | "endpoint"
  | "origin"
  | "parameters"
  | "seconds"
  | "header"
  | "keeper"
  | "boolean"
  | "choice";

/**
 * One setting. A row is all there is to write: variable, option, profile key,
 * types, documentation and its trust in `.env` follow from it.
 */
export interface SettingRow {
  /** Its environment variable. */
  readonly variable: string;
  /** Its flag; a secret has none, for arguments are seen by every user of the machine. */
  readonly flag?: `--${string}`;
  /** Which commands accept the flag: all, or also those that only select the app. @default {all where it is not in the profile, else those that describe the app} */
  readonly flagOf?: "program" | "appKey";
  /** What the flag's help calls its value: `<dir>`. @default {what the kind is called} */
  readonly value?: string;
  /** What it is made of. */
  readonly kind: SettingKind;
  /** What a `choice` can be. */
  readonly choices?: readonly string[];
  /** The parameters that the protocol itself sends: a `state` that is always the same protects nothing. @default {none} */
  readonly reserved?: readonly string[];
  /** What is taken for one of the choices, by what is written. @default {none} */
  readonly synonyms?: Readonly<Record<string, string>>;
  /** Its value when it is not set. @default {it is absent then} */
  readonly default?: string;
  /** What happens when it is not set and there is no `default`, for users. */
  readonly otherwise?: string;
  /** Whether it is never shown, logged or given as an argument. */
  readonly secret: boolean;
  /** Whether `config.json` holds it; else it is needed to find that file or is a matter of the moment. */
  readonly inProfile: boolean;
  /**
   * Whether it says something of the provider that the profile names, and so does
   * not apply to another one. @default {false}
   */
  readonly ofProvider?: true;
  /** What it is, as one sentence for help, manual, documentation and editors; more sentences may follow. */
  readonly help: string;
  /** Where it may come from. */
  readonly trust: Trust;
}

/** Where a setting came from; `file` is one that another setting or systemd names. */
export type Source =
  | "call"
  | "flag"
  | "environment"
  | "file"
  | ".env"
  | "config.json"
  | "default";
