/**
 * Finds the messages and hints of every `TdauthError` in source text, without
 * running it: a small reader of TypeScript expressions. What it cannot know, it
 * writes as `…`.
 */

/** One message that the code can give. */
export interface ErrorMessage {
  /** The error's code. */
  readonly code: string;
  /** The message, `…` for what varies. */
  readonly message: string;
  /** The hint, `…` for what varies; absent when the code gives none that can be read. */
  readonly hints: readonly string[];
  /** Where it is made. */
  readonly path: string;
}

/** A source file. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What varies. */
const ANY = "…";
/** A choice inside a message is told in full when its texts have this many characters. */
const WORTH_TELLING = 13;
/** Errors that `brokerError()` turns into a `TdauthError`, with the argument that is its reason. */
const CARRIERS: Readonly<Record<string, readonly [string, number]>> = {
  PassingError: ["broker_unavailable", 0],
  StrangeAnswer: ["unexpected_answer", 1],
};
/** Texts of a provider that messages and hints take over. */
const PROVIDER_TEXTS = /\.(troubleHint|closed\.why|closed\.hint)$/;

interface Token {
  readonly kind: "word" | "text" | "template" | "mark" | "other";
  readonly text: string;
  /** A template's literal parts and, between them, its expressions. */
  readonly parts?: readonly (string | readonly Token[])[];
}

interface Named {
  readonly name: string;
  readonly parameters: readonly (readonly Token[])[];
  readonly from: number;
  readonly to: number;
  readonly exported: boolean;
}

interface Parsed extends SourceFile {
  readonly tokens: readonly Token[];
  readonly functions: readonly Named[];
}

type Scope = ReadonlyMap<string, readonly string[]>;

/**
 * Finds every message.
 *
 * @param files The source files.
 * @returns The messages, each once, in the order of the files.
 */
export function errorMessages(files: readonly SourceFile[]): ErrorMessage[] {
  const parsed = files.map(parse);
  const found = new Map<string, ErrorMessage & { hints: string[] }>();
  const add = (path: string, code: string, message: string, hint?: string) => {
    const text = tidy(message);
    if (text === ANY) return; // another error's message, taken over
    const key = `${code} ${text}`;
    let entry = found.get(key);
    if (!entry) {
      found.set(key, entry = { code, message: text, hints: [], path });
    }
    if (hint !== undefined && !entry.hints.includes(hint)) {
      entry.hints.push(hint);
    }
  };
  for (const file of parsed) {
    for (const at of constructions(file, "TdauthError")) {
      const [code = [], message = [], more = []] = callArguments(file, at + 2);
      for (const scope of scopes(parsed, file, at)) {
        const told = hintsOf(more, file, parsed, scope);
        for (const c of evaluate(code, file, parsed, scope)) {
          for (const m of evaluate(message, file, parsed, scope)) {
            add(file.path, c, m);
            for (const hint of told) add(file.path, c, m, hint);
          }
        }
      }
    }
    for (const [carrier, [code, index]] of Object.entries(CARRIERS)) {
      for (const at of constructions(file, carrier)) {
        const why = callArguments(file, at + 2)[index] ?? [];
        for (const text of evaluate(why, file, parsed, new Map())) {
          add(file.path, code, `Cannot ${ANY}: ${text}`);
        }
      }
    }
  }
  const all = [...found.values()];
  return all.filter((one) => !all.some((other) => covers(other, one)));
}

/** Whether a message is told by a more general one: the same reason, the same hints. */
function covers(general: ErrorMessage, one: ErrorMessage): boolean {
  const [whatGeneral, whyGeneral] = halves(general.message);
  const [what, why] = halves(one.message);
  if (
    general === one || general.code !== one.code || whyGeneral !== why ||
    what === whatGeneral || general.hints.join() !== one.hints.join()
  ) return false;
  const pattern = whatGeneral.split(ANY).map((part) =>
    part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
  ).join(".*");
  return new RegExp(`^${pattern}$`).test(what);
}

/** What could not be done, and why. */
function halves(message: string): [string, string] {
  const at = message.indexOf(": ");
  return at < 0 ? [message, ""] : [message.slice(0, at), message.slice(at)];
}

function parse(file: SourceFile): Parsed {
  const tokens = tokenize(file.text);
  return { ...file, tokens, functions: namedFunctions(tokens) };
}

/** Cuts a source text into tokens; comments and white space are left out. */
function tokenize(source: string): Token[] {
  return read(source, 0)[0];
}

/** Reads tokens up to the brace that closes an expression in a template, or to the end. */
function read(source: string, start: number): [Token[], number] {
  const tokens: Token[] = [];
  let at = start;
  let depth = 0;
  while (at < source.length) {
    const rest = source.slice(at, at + 2);
    const character = source.charAt(at);
    if (/\s/.test(character)) at++;
    else if (rest === "//") at = endOf(source, "\n", at);
    else if (rest === "/*") at = endOf(source, "*/", at);
    else if (character === "`") {
      const [token, end] = readTemplate(source, at + 1);
      tokens.push(token);
      at = end;
    } else if (character === '"' || character === "'") {
      const literal = match(source, at, /(["'])(?:\\[\s\S]|(?!\1)[^\\])*\1/y);
      tokens.push({ kind: "text", text: unescape(literal.slice(1, -1)) });
      at += literal.length;
    } else if (character === "/" && beginsRegex(tokens.at(-1))) {
      const literal = match(
        source,
        at,
        /\/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[])+\/\w*/y,
      );
      tokens.push({ kind: "other", text: literal });
      at += literal.length;
    } else {
      const text = match(
        source,
        at,
        /[\w$#]+|=>|\?\?=|\?\?|\?\.|[=!]==?|&&|\|\||\.{3}|[\s\S]/y,
      );
      if (text === "{") depth++;
      if (text === "}" && --depth < 0) return [tokens, at + 1];
      tokens.push({ kind: /^[\w$#]/.test(text) ? "word" : "mark", text });
      at += text.length;
    }
  }
  return [tokens, at];
}

function readTemplate(source: string, start: number): [Token, number] {
  const parts: (string | Token[])[] = [];
  let at = start;
  while (at < source.length && source.charAt(at) !== "`") {
    if (source.startsWith("${", at)) {
      const [tokens, end] = read(source, at + 2);
      parts.push(tokens);
      at = end;
    } else {
      const text = match(source, at, /(?:\\[\s\S]|(?!\$\{)[^`\\])+/y);
      parts.push(unescape(text));
      at += text.length;
    }
  }
  return [{ kind: "template", text: "", parts }, at + 1];
}

function match(source: string, at: number, pattern: RegExp): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? source.charAt(at);
}

function endOf(source: string, end: string, from: number): number {
  const at = source.indexOf(end, from);
  return at < 0 ? source.length : at + end.length;
}

/** A slash after a value divides, anywhere else it begins a regular expression. */
function beginsRegex(before: Token | undefined): boolean {
  return before === undefined ||
    (before.kind === "mark" && !/^[)\]}]$/.test(before.text)) ||
    (before.kind === "word" &&
      /^(return|typeof|case|of|in)$/.test(before.text));
}

function unescape(text: string): string {
  return text.replace(/\\([\s\S])/g, (_, c) => c === "n" ? "\n" : c);
}

/** Where the bracket that opens at an index closes. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (isMark(tokens[at], "(", "[", "{")) depth++;
    if (isMark(tokens[at], ")", "]", "}") && --depth === 0) return at;
  }
  return tokens.length;
}

function isMark(token: Token | undefined, ...texts: string[]): boolean {
  return token?.kind === "mark" && texts.includes(token.text);
}

/** Splits at a mark that is in no bracket. */
function split(
  tokens: readonly Token[],
  mark: string,
  angles = false,
): Token[][] {
  const pieces: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (isMark(token, "(", "[", "{") || (angles && isMark(token, "<"))) depth++;
    if (isMark(token, ")", "]", "}") || (angles && isMark(token, ">"))) depth--;
    if (depth === 0 && isMark(token, mark)) pieces.push([]);
    else pieces.at(-1)?.push(token);
  }
  return pieces.at(-1)?.length === 0 ? pieces.slice(0, -1) : pieces;
}

/** Where `new NAME(` begins. */
function constructions({ tokens }: Parsed, name: string): number[] {
  return tokens.flatMap(({ text }, at) =>
    text === "new" && tokens[at + 1]?.text === name &&
      isMark(tokens[at + 2], "(")
      ? [at]
      : []
  );
}

function callArguments({ tokens }: Parsed, open: number): Token[][] {
  return split(tokens.slice(open + 1, closing(tokens, open)), ",");
}

/** `function NAME(…) {…}` and `const NAME = (…) => …`. */
function namedFunctions(tokens: readonly Token[]): Named[] {
  const functions: Named[] = [];
  tokens.forEach((token, at) => {
    const declared = token.text === "function";
    const arrow = token.text === "const" && isMark(tokens[at + 2], "=") &&
      isMark(tokens[at + 3], "(");
    if (token.kind !== "word" || (!declared && !arrow)) return;
    const name = tokens[at + 1]?.text ?? "";
    let open = declared ? at + 2 : at + 3;
    while (open < tokens.length && !isMark(tokens[open], "(")) open++;
    const close = closing(tokens, open);
    let from = close + 1;
    const begins = declared ? "{" : "=>";
    // The type of what it returns may have braces; no helper's has.
    while (from < tokens.length && !isMark(tokens[from], begins, ";")) from++;
    if (!isMark(tokens[from], begins)) return;
    if (arrow) from++;
    let to = from;
    if (isMark(tokens[from], "{")) to = closing(tokens, from);
    else {
      while (to < tokens.length && !isMark(tokens[to], ";")) {
        to = isMark(tokens[to], "(", "[", "{")
          ? closing(tokens, to) + 1
          : to + 1;
      }
    }
    functions.push({
      name,
      parameters: split(tokens.slice(open + 1, close), ",", true),
      from,
      to,
      exported: [1, 2].some((back) => tokens[at - back]?.text === "export"),
    });
  });
  return functions;
}

/** What the parameters of the function around a place can be: one scope for each call of it. */
function scopes(
  files: readonly Parsed[],
  file: Parsed,
  at: number,
): readonly Scope[] {
  const around = file.functions
    .filter(({ from, to }) => from <= at && at <= to)
    .toSorted((a, b) => b.from - a.from)[0];
  if (around === undefined) return [new Map()];
  const found: Scope[] = [];
  for (const caller of around.exported ? files : [file]) {
    caller.tokens.forEach(({ text }, call) => {
      const before = caller.tokens[call - 1];
      if (
        text !== around.name || !isMark(caller.tokens[call + 1], "(") ||
        isMark(before, ".", "?.") || before?.text === "function"
      ) return;
      const given = callArguments(caller, call + 1);
      found.push(
        new Map(around.parameters.map((parameter, index) => {
          const [declared = [], fallback = []] = split(parameter, "=");
          const value = given[index];
          const absent = value === undefined ||
            (value.length === 1 && value[0]?.text === "undefined");
          const texts = absent && fallback.length === 0 ? [] : evaluate(
            absent ? fallback : value ?? [],
            caller,
            files,
            new Map(),
          );
          return [declared[0]?.text ?? "", worthTelling(texts)];
        })),
      );
    });
  }
  return found.length > 0 ? found : [new Map()];
}

/** The texts that an expression can be. */
function evaluate(
  expression: readonly Token[],
  file: Parsed,
  files: readonly Parsed[],
  scope: Scope,
  inside = false,
  depth = 0,
): readonly string[] {
  const again = (tokens: readonly Token[], within = inside) =>
    evaluate(tokens, file, files, scope, within, depth + 1);
  const [first] = expression;
  if (first === undefined || depth > 20) return [ANY];
  if (isMark(first, "(") && closing(expression, 0) === expression.length - 1) {
    return again(expression.slice(1, -1));
  }
  const choice = ternary(expression);
  if (choice !== undefined) return choice.flatMap((branch) => again(branch));
  for (const mark of ["??", "||"]) {
    const either = split(expression, mark);
    if (either.length > 1) return either.flatMap((part) => again(part));
  }
  if (expression.length === 1) {
    if (first.kind === "text") return [first.text];
    if (first.kind === "template") {
      let texts: readonly string[] = [""];
      for (const part of first.parts ?? []) {
        const next = typeof part === "string"
          ? [part]
          : worthTelling(again(part, true));
        texts = texts.flatMap((text) => next.map((more) => text + more));
      }
      return texts;
    }
    if (first.text === "undefined") return [];
    const known = scope.get(first.text);
    if (known !== undefined) return known;
    const initial = initializer(file, first.text);
    return initial === undefined
      ? [ANY]
      : initial.changes
      ? [...again(initial.value), ANY]
      : again(initial.value);
  }
  const whole = expression.map(({ text }) => text).join("");
  const taken = PROVIDER_TEXTS.exec(whole)?.[1];
  if (taken !== undefined) return providerTexts(files, taken);
  // Inside a message the reasons of the system are too many to tell.
  const [home, called] = functionNamed(first.text, file, files) ?? [];
  if (
    home && called && !inside && isMark(expression[1], "(") &&
    closing(expression, 1) === expression.length - 1
  ) {
    const body = home.tokens.slice(called.from + 1, called.to);
    const returned = body.flatMap(({ text }, at) => {
      if (text !== "return") return [];
      const value = split(body.slice(at + 1), ";")[0] ?? [];
      return evaluate(
        value,
        home,
        files,
        home === file ? scope : new Map(),
        inside,
        depth + 1,
      );
    });
    return returned.length > 0 ? returned : [ANY];
  }
  return [ANY];
}

/** A function by its name: this file's own, or one that another exports. */
function functionNamed(
  name: string,
  file: Parsed,
  files: readonly Parsed[],
): [Parsed, Named] | undefined {
  for (const home of [file, ...files]) {
    const found = home.functions.find((one) =>
      one.name === name && (home === file || one.exported)
    );
    if (found !== undefined) return [home, found];
  }
  return undefined;
}

/** Short words that a message chooses from, such as units, say nothing in a list. */
function worthTelling(texts: readonly string[]): readonly string[] {
  return texts.length > 1
    ? texts.map((text) =>
      text.replaceAll(ANY, "").length < WORTH_TELLING ? ANY : text
    )
    : texts;
}

/** The two branches of `condition ? one : other`. */
function ternary(tokens: readonly Token[]): Token[][] | undefined {
  const question = tokens.findIndex((_, at) =>
    isMark(tokens[at], "?") && balanced(tokens.slice(0, at))
  );
  if (question < 0) return undefined;
  let open = 0;
  for (let at = question + 1; at < tokens.length; at++) {
    if (isMark(tokens[at], "(", "[", "{")) at = closing(tokens, at);
    else if (isMark(tokens[at], "?")) open++;
    else if (isMark(tokens[at], ":") && open-- === 0) {
      return [tokens.slice(question + 1, at), tokens.slice(at + 1)];
    }
  }
  return undefined;
}

function balanced(tokens: readonly Token[]): boolean {
  let depth = 0;
  for (const token of tokens) {
    if (isMark(token, "(", "[", "{")) depth++;
    if (isMark(token, ")", "]", "}")) depth--;
  }
  return depth === 0;
}

/** What `const NAME = …;` is made with, where the file has one such; a `let` may change. */
function initializer(
  { tokens }: Parsed,
  name: string,
): { value: readonly Token[]; changes: boolean } | undefined {
  const places = tokens.flatMap(({ text }, at) =>
    /^(const|let)$/.test(text) && tokens[at + 1]?.text === name &&
      isMark(tokens[at + 2], "=")
      ? [at]
      : []
  );
  const [place] = places;
  if (place === undefined || places.length > 1) return undefined;
  const value = split(tokens.slice(place + 3, place + 2000), ";")[0] ?? [];
  return { value, changes: tokens[place]?.text === "let" };
}

/** What the providers say for one of their texts. */
function providerTexts(
  files: readonly Parsed[],
  name: string,
): readonly string[] {
  const property = name.split(".").at(-1) ?? name;
  return files.filter(({ path }) => path.includes("/providers/"))
    .flatMap((file) =>
      file.tokens.flatMap(({ text }, at) => {
        if (text !== property || !isMark(file.tokens[at + 1], ":")) return [];
        const inClosed = file.tokens.slice(Math.max(0, at - 8), at)
          .some((token) => token.text === "closed");
        const value = file.tokens[at + 2];
        return name.includes(".") === inClosed && value?.kind === "text"
          ? [value.text]
          : [];
      })
    );
}

/** The hints among an error's options: `{ hint: … }`, or `hint` alone. */
function hintsOf(
  options: readonly Token[],
  file: Parsed,
  files: readonly Parsed[],
  scope: Scope,
): readonly string[] {
  const at = options.findIndex(({ kind, text }, index) =>
    kind === "word" && text === "hint" &&
    isMark(options[index - 1], "{", ",") &&
    isMark(options[index + 1], ":", ",", "}")
  );
  if (at < 0) return [];
  const expression = isMark(options[at + 1], ":")
    ? split(options.slice(at + 2, enclosingEnd(options, at)), ",")[0] ?? []
    : options.slice(at, at + 1);
  return evaluate(expression, file, files, scope)
    .map(tidy).filter((hint) => hint !== ANY);
}

/** Where the braces around a place close. */
function enclosingEnd(tokens: readonly Token[], from: number): number {
  for (let at = from; at < tokens.length; at++) {
    if (isMark(tokens[at], "(", "[", "{")) at = closing(tokens, at);
    else if (isMark(tokens[at], ")", "]", "}")) return at;
  }
  return tokens.length;
}

/** Variable parts side by side are one. */
function tidy(text: string): string {
  return text.replace(/…(?: ?…)+/g, ANY);
}
