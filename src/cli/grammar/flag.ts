/** Words to choose from, each with its description; a function loads them when needed. */
export type Choices =
  | Readonly<Record<string, string>>
  | (() => Promise<Readonly<Record<string, string>>>);

interface Named {
  /** As it is typed: `--fail-within`. */
  readonly flag: `--${string}`;
  /** Its short form: `-o`. */
  readonly short?: `-${string}`;
  /** What it does, in a line without a period; what follows from the other fields is added to it. */
  readonly help: string;
  /** Whether programs use it, and no help and no suggestion shows it. @default {false} */
  readonly hidden?: true;
}

interface Valued extends Named {
  /** What the help calls its value. @default {the kind's own word} */
  readonly value?: string;
  /** Whether it can be repeated. @default {false} */
  readonly repeated?: true;
}

/** A flag that is given or not. */
export interface BooleanFlag extends Named {
  readonly kind: "boolean";
  /** What its opposite, `--no-…`, does; with it there are three values. @default {there is none} */
  readonly no?: string;
}

/** A flag with a text, or the path of a file or a directory. */
export interface TextFlag extends Valued {
  readonly kind: "text" | "file" | "directory";
  /** What its opposite, `--no-…`, does. @default {there is none} */
  readonly no?: string;
  /** What shells offer for it. @default {the files of a file, nothing else} */
  readonly suggest?: Choices;
}

/** A flag with a duration; a `timeout` is longer than nothing and no longer than a year. */
export interface DurationFlag extends Valued {
  readonly kind: "duration" | "timeout";
  /** The default value: `5m`. @default {none} */
  readonly default?: string;
}

/** A flag with a whole number. */
export interface NumberFlag extends Valued {
  readonly kind: "number";
  /** What it is: `a port number`. */
  readonly what: string;
  /** The minimum. */
  readonly min: number;
  /** The maximum. */
  readonly max: number;
  /** The default value. @default {none} */
  readonly default?: number;
}

/** A flag with one of a few words. */
export interface ChoiceFlag extends Valued {
  readonly kind: "choice";
  /** The words, each with its description. */
  readonly choices: Readonly<Record<string, string>>;
  /** Returns the error for another word. @default {an error that names the words} */
  readonly refuse?: (text: string) => Error;
}

/** One flag of a command. */
export type Flag =
  | BooleanFlag
  | TextFlag
  | DurationFlag
  | NumberFlag
  | ChoiceFlag;

/** The flags of a command, by their names in its code. */
export type Flags = Readonly<Record<string, Flag>>;

/** One argument of a command, which is no flag. */
export interface Arg {
  /** What it is. */
  readonly help: string;
  /** What the help calls it. @default {its name} */
  readonly value?: string;
  /** What it is made of; from a `command` on, all words are that command's, its flags included. @default {"text"} */
  readonly kind?: "text" | "file" | "command";
  /** Whether it is optional. @default {false} */
  readonly optional?: true;
  /** Whether it is all that follows. @default {false} */
  readonly rest?: true;
  /** What shells offer for it. @default {the files of a file, nothing else} */
  readonly suggest?: Choices;
}

/** The arguments of a command, in order. */
export type Args = Readonly<Record<string, Arg>>;

/** One value of a flag. */
type One<F> = F extends { readonly kind: "duration" | "timeout" | "number" }
  ? number
  : F extends { readonly kind: "choice"; readonly choices: infer C }
    ? keyof C & string
  : string;

/** The value of a flag that is not given. */
type Absent<F> =
  | (F extends { readonly default: string | number } ? never : undefined)
  | (F extends { readonly no: string } ? false : never);

/** The value of a flag: a duration in seconds, `false` for `--no-…`. */
export type FlagValue<F> = F extends
  { readonly kind: "boolean"; readonly no: string } ? boolean | undefined
  : F extends { readonly kind: "boolean" } ? boolean
  : F extends { readonly repeated: true } ? readonly One<F>[]
  : One<F> | Absent<F>;

/** The values of a command's flags. */
export type FlagsOf<F> = { readonly [Name in keyof F]: FlagValue<F[Name]> };

/** The values of a command's arguments. */
export type ArgsOf<A> = {
  readonly [Name in keyof A]: A[Name] extends { readonly rest: true }
    ? readonly string[]
    : A[Name] extends { readonly optional: true } ? string | undefined
    : string;
};
