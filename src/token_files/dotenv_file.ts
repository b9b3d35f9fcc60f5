import { notUsable } from "./fields.ts";
import { type Entry, haveTokens, namedFields } from "./named_fields.ts";
import { namedTokenFields, readNamedTokens } from "./named_tokens.ts";
import type { PlainFormat } from "./token_file_format.ts";

/** Lines of `NAME=value`, as secrets managers write them and shells read them. */
export const dotenvFile: PlainFormat = {
  kind: "plain",
  name: "dotenv",
  generic: true,
  accessAlone: true,
  about: {
    programs: "any",
    file: "lines with `REFRESH_TOKEN=` or `ACCESS_TOKEN=`",
    lifetime: "as in the file, or the provider's from `--login-time`",
  },
  knownBy: "a line REFRESH_TOKEN=… or ACCESS_TOKEN=…",
  matches: (text) => haveTokens(assignments(text).map(asEntry)),
  read(text, reading) {
    const found = assignments(text);
    for (const { name, plain } of found) {
      // Node ends the value there, Python and shells do not.
      if (/token$/i.test(name) && plain?.includes("#")) {
        throw notUsable(
          `the value of ${name.slice(0, 64)} has a # and no quotes`,
          "put the value in quotes",
        );
      }
      // As in a form that has a name twice: what is the token, and what the next field?
      if (/token$/i.test(name) && /&[\w.-]+=/.test(plain ?? "")) {
        throw notUsable(
          `the value of ${name.slice(0, 64)} has a & and no quotes`,
          "put the value in quotes",
        );
      }
      if (/token$/i.test(name) && /^["'`]/.test(plain ?? "")) {
        throw notUsable(`the value of ${name.slice(0, 64)} has an open quote`);
      }
    }
    return readNamedTokens(namedFields(found.map(asEntry)), reading);
  },
  write: (tokens) =>
    Object.entries(namedTokenFields(tokens))
      .map(([name, value]) => `${name.toUpperCase()}=${quoted(`${value}`)}\n`)
      .join(""),
};

/** One assignment. */
interface Assignment {
  readonly name: string;
  readonly value: string;
  /** The value as it stands there, if it has no quotes. */
  readonly plain: string | undefined;
}

/** A name, and a value in quotes, which may span lines, or up to the end of its line. */
const ASSIGNMENT =
  /^[ \t]*(?:export[ \t]+|set[ \t]+|\$env:)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*(?:"([^"\\]*(?:\\[^][^"\\]*)*)"|'([^']*)'|`([^`]*)`|([^\n]*))/gm;

function assignments(text: string): readonly Assignment[] {
  return [...text.replaceAll(/\r\n?/g, "\n").matchAll(ASSIGNMENT)].map(
    ([, name = "", double, single, back, rest]) => {
      const plain = rest?.replace(/(^|[ \t])#.*/, "").trim();
      return {
        name,
        value: double?.replaceAll(/\\(["\\$`])/g, "$1") ?? single ?? back ??
          plain ?? "",
        plain,
      };
    },
  );
}

function asEntry({ name, value }: Assignment): Entry {
  return [name, value];
}

/** Quotes a value so that shells and dotenv libraries read the same. */
function quoted(value: string): string {
  if (/^[\w.~+/=@:%-]*$/.test(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  return `"${value.replaceAll(/["\\$`]/g, "\\$&")}"`;
}
