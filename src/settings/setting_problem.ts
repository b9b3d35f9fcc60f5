import type { NotFromDotenv, SettingName, Source } from "./setting_table.ts";

/**
 * Why settings cannot be used. It is data, because the command that finds a token
 * on the disk loads none of the texts; `setting_error.ts` has them.
 */
export type SettingProblem =
  /** A text that its row's kind does not allow. */
  | {
    readonly is: "wrong value";
    readonly name: SettingName;
    readonly text: string;
  }
  /** Characters that a terminal would interpret. */
  | {
    readonly is: "controls";
    readonly name: SettingName;
    readonly source: Source;
  }
  /** A relative path in a variable. */
  | {
    readonly is: "relative path";
    readonly name: SettingName;
    readonly path: string;
  }
  /** A line of `.env` that chooses what `.env` may not. */
  | {
    readonly is: "not from .env";
    readonly variable: string;
    readonly chooses: NotFromDotenv["chooses"];
    /** Absent for a variable that is no setting. */
    readonly name?: SettingName;
  }
  /** A provider from `.env` that would get the secret of the app at another one. */
  | {
    readonly is: "other provider";
    readonly saved: string;
    readonly provider: string | undefined;
  }
  /** A secret and a file of one, both from the same place. */
  | { readonly is: "two secrets"; readonly source: Source | undefined }
  /** A file of a secret that cannot be used. */
  | {
    readonly is: "secret file";
    readonly path: string;
    readonly cause: unknown;
  }
  /** An unknown `seal` in a profile. */
  | { readonly is: "wrong seal"; readonly seal: string }
  /** There is no home directory to look in. */
  | { readonly is: "no home" }
  /** `.env` is there and is no file, or too long. */
  | { readonly is: "unreadable .env"; readonly cause: unknown }
  /** `config.json` is there and cannot be read. */
  | {
    readonly is: "unreadable config";
    readonly configDir: string;
    readonly cause: unknown;
  }
  /** `config.json` is not what tdauth writes. */
  | {
    readonly is: "bad config";
    readonly configDir: string;
    /** What is not what it should be. */
    readonly part: "JSON" | "object" | "profiles" | "profile" | "value";
    /** The profile that it is in. */
    readonly profile?: string;
    /** The profile's key whose value it is. */
    readonly key?: string;
  };

/** What to do about a problem: throw it in some form. */
export type Fail = (problem: SettingProblem) => never;
