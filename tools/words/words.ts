/** The words that are not used here, with those of the field: one table. */

/** Words that are replaced. */
export interface Word {
  /** A regular expression: whole words, in any case, over line ends where it has a blank. */
  readonly find: string;
  /** What to say instead. */
  readonly say: string;
  /** Only in names of code; or in comments, texts, docs and names of tests. @default {"prose"} */
  readonly where?: "identifiers" | "prose" | "everywhere";
}

/** The table. A name of code is compared as a whole, with its case. */
export const WORDS: readonly Word[] = [
  { find: "mend(s|ed|ing)?", say: "fix" },
  { find: "in clear", say: "unencrypted" },
  { find: "(give|gives|gave|given|giving) back", say: "return" },
  { find: "what \\S+ (gives|gave)", say: "what … returns" },
  { find: "gives? (nothing|none|undefined|true|false)", say: "returns" },
  { find: "takes? no more", say: "is rejected, no longer works" },
  { find: "of no (more )?use", say: "no longer works" },
  { find: "whoever", say: "the caller, the user who …" },
  { find: "nobody('s)?", say: "no user, no process, no one at a terminal" },
  { find: "somebody( else)?('s)?", say: "another process, another user" },
  { find: "burn(s|t|ed|ing)?", say: "waste, invalidate" },
  {
    find: "(lose|loses|lost|losing) (a |an |the |its |your )?(\\w+ )?tokens?",
    say: "waste, invalidate",
  },
  { find: "what [^.\\n]{1,60} works? with", say: "Options of …" },
  { find: "these are two different ones", say: "the passphrases do not match" },
  { find: "(does|do|did) not fit", say: "is wrong" },
  { find: "cannot go on", say: "cancelled" },
  { find: "no time at all", say: "it must be longer than zero" },
  {
    find: "there is no consumer key",
    say: "not set up yet: no app key (run `tdauth configure`)",
  },
  { find: "access was not given", say: "access was denied" },
  {
    find: "does not belong to the login",
    say: "this is from a different login",
  },
  { find: "take over the tokens", say: "import tokens" },
  { find: "tells? the causes", say: "show the causes" },
  {
    find: "ask for the app's settings and keep them",
    say: "set up your broker app",
  },
  { find: "passing (error|failure|answer|trouble)s?", say: "transient" },
  { find: "patience", say: "timeout, in seconds", where: "everywhere" },
  {
    find: "withPatience",
    say: "withLockTimeout, its `late` onTimeout",
    where: "everywhere",
  },
  { find: "pause", say: "delay", where: "identifiers" },
  { find: "orAborted", say: "abortable", where: "everywhere" },
  { find: "inTurn", say: "withMutex", where: "everywhere" },
  { find: "Patience", say: "CircuitBreaker", where: "identifiers" },
  { find: "LateWrites", say: "RetryQueue", where: "everywhere" },
  { find: "whenBack", say: "enqueue", where: "everywhere" },
  { find: "enough", say: "isAcceptable", where: "identifiers" },
  {
    find: "(is)?[Pp]assing(Error)?",
    say: "transient, isTransient",
    where: "identifiers",
  },
  { find: "lookOnly", say: "readOnly", where: "everywhere" },
  { find: "Surroundings", say: "one name for one thing", where: "identifiers" },
  { find: "Patient", say: "one name for one thing", where: "identifiers" },
  {
    find: "Tool|RunTool|Program",
    say: "one name for one thing",
    where: "identifiers",
  },
  {
    find: "NamedProvider",
    say: "Provider with key and name",
    where: "identifiers",
  },
];
