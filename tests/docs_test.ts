/** What the documents show is there: files, headings, commands and flags. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, CommanderError } from "commander";
import { COMMANDS } from "../src/cli/commands/table.ts";
import { markCommand } from "../src/cli/grammar/called_command.ts";
import { loadCommands } from "../src/cli/grammar/named_command.ts";
import { buildParser } from "../src/cli/grammar/parser.ts";
import { realIo } from "../src/cli/terminal/io.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const DOCUMENTS = [
  "README.md",
  "SECURITY.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...[...Deno.readDirSync(join(ROOT, "docs"))]
    .filter(({ name }) => name.endsWith(".md")).map(({ name }) =>
      `docs/${name}`
    ).sort(),
];

/** Names that begin like a command and are none. */
const NAMES = ["tdauth local CA"];

for (const document of DOCUMENTS) {
  Deno.test(`the links of ${document} lead to files and headings`, () => {
    assert.deepEqual(brokenLinks(document), []);
  });

  Deno.test(`the commands in ${document} are in the grammar`, async () => {
    const wrong: string[] = [];
    for (const { line, named } of commandsIn(read(document))) {
      const why = await misunderstood(wordsOf(line), named);
      if (why !== undefined) wrong.push(`${line}: ${why}`);
    }
    assert.deepEqual(wrong, []);
  });
}

Deno.test("the documents' commands are found, and wrong ones are told from right ones", async () => {
  const found = commandsIn(
    "Say `tdauth login --timeout`, not `tdauth`, nor `Cannot use tdauth wrote`:\n\n```sh\n" +
      'tdauth exec -- sh -c "a | b" # tdauth nothing\n' +
      "T=$(tdauth token --min-valid 5m) && tdauth header | curl -H @-\n" +
      "tdauth configure --provider schwab \\\n  --consumer-key KEY\n" +
      "ExecStart=%h/.local/bin/tdauth status --fail-within 24h\n" +
      'schtasks /TR "tdauth login --if-older 5d"\n' +
      "deno install --name tdauth --allow-net\n" +
      "cat tdauth-linux-x64 ~/.config/tdauth\n```\n",
  );
  assert.deepEqual(found.map(({ line }) => line), [
    'tdauth exec -- sh -c "a | b"',
    "tdauth token --min-valid 5m",
    "tdauth header",
    "tdauth configure --provider schwab    --consumer-key KEY",
    "tdauth status --fail-within 24h",
    "tdauth login --if-older 5d",
    "tdauth login --timeout",
  ]);
  for (const { line, named } of found) {
    assert.equal(await misunderstood(wordsOf(line), named), undefined, line);
  }
  for (
    const line of [
      "tdauth lgoin",
      "tdauth login --quickly",
      "tdauth login --timeout",
      "tdauth token please",
      "tdauth exec",
      "tdauth cert sell",
    ]
  ) assert.ok(await misunderstood(wordsOf(line), false), line);
  for (const line of ["tdauth lgoin", "tdauth login --quickly"]) {
    assert.ok(await misunderstood(wordsOf(line), true), line);
  }
  const text = "# A `b` – c!\n## One_two\n## One_two\n";
  assert.deepEqual([...headingsOf(text)], ["a-b--c", "one_two", "one_two-1"]);
});

function read(path: string): string {
  return Deno.readTextFileSync(join(ROOT, path));
}

/** The links of a document that lead nowhere. */
function brokenLinks(document: string): string[] {
  const text = read(document).replace(/^```[^]*?^```/gm, "")
    .replace(/`[^`]*`/g, "");
  const targets = [
    ...text.matchAll(/\]\(<?([^)\s>]+)>?[^)]*\)/g),
    ...text.matchAll(/^\[[^\]]+\]: +(\S+)/gm),
    ...text.matchAll(/\b(?:href|src)="([^"]+)"/g),
  ].map(([, target = ""]) => target);
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false; // another site's matter
    const [file = "", anchor] = target.split("#");
    const path = file === "" ? document : join(dirname(document), file);
    try {
      const { isFile } = Deno.statSync(join(ROOT, path));
      return anchor !== undefined &&
        !(isFile && headingsOf(read(path)).has(anchor));
    } catch {
      return true;
    }
  });
}

/** The anchors that GitHub gives to a document's headings. */
function headingsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (
    const [, heading = ""] of text.replace(/^```[^]*?^```/gm, "")
      .matchAll(/^#{1,6} +(.*?) *$/gm)
  ) {
    const name = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, "").replaceAll(" ", "-");
    let anchor = name;
    for (let count = 1; anchors.has(anchor); count++) {
      anchor = `${name}-${count}`;
    }
    anchors.add(anchor);
  }
  return anchors;
}

/** A `tdauth …` of a document. */
interface Shown {
  readonly line: string;
  /** Whether it stands in a sentence, which may name a command without what it takes. */
  readonly named: boolean;
}

/** Each `tdauth …` of a document's shell blocks, then those of its sentences. */
function commandsIn(text: string): Shown[] {
  const blocks = [
    ...text.matchAll(
      /^```(?:sh|bash|text|crontab|ini|bat|console)\n([^]*?)^```/gm,
    ),
  ].map(([, block = ""]) =>
    block.replaceAll("\\\n", " ").replace(/(^| )#.*$/gm, "$1")
      .replace(/^(note|hint): .*$/gm, "")
  );
  const spans = [
    ...text.replace(/^```[^]*?^```/gm, "").matchAll(/`([^`]+)`/g),
  ].map(([, span = ""]) => span.replaceAll("\n", " "));
  const found = (parts: readonly string[], command: RegExp, named: boolean) =>
    parts.flatMap((part) =>
      [...part.matchAll(command)].map(([, quoted, plain]) => ({
        line: (quoted ?? plain ?? "").trim(),
        named,
      }))
    ).filter(({ line }) => !NAMES.some((name) => line.startsWith(name)));
  return [
    ...found(blocks, COMMAND, false),
    // In a sentence it is a command when it stands where a shell looks for one.
    ...found(
      spans,
      new RegExp(`(?<=^|[|;&(] *)(?:${COMMAND.source})`, "g"),
      true,
    ),
  ];
}

/** The command, whatever directory it is in, up to the quote that it stands in or to what ends a command. */
const COMMAND =
  /(?<!--name +)(?:"(tdauth +[^"\n]+)"|(?<![\w.~/-]|config\/)(?:[\w.%~/-]*\/)?(tdauth +(?:[^"'|;&<>()\n]|"[^"\n]*"|'[^'\n]*')+))/g;

/** The words of a command, as a shell would give them; `…` stands for more. */
function wordsOf(line: string): string[] {
  const words = [...line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)]
    .map(([word]) => word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
  return words.slice(1).filter((word) => word !== "…");
}

/** What a sentence leaves out. */
const LEFT_OUT = [
  "commander.missingArgument",
  "commander.optionMissingArgument",
  "commander.help", // a group without its command
];

/** Why the command line is not understood; nothing is run. */
async function misunderstood(
  args: readonly string[],
  named: boolean,
): Promise<string | undefined> {
  const loaded = await loadCommands(COMMANDS);
  const io = {
    ...realIo(args, () => undefined, new AbortController().signal),
    out: () => {},
    err: () => {},
    terminal: { in: false, out: false, err: false },
  };
  const parser = buildParser(io, loaded, COMMANDS);
  disarm(parser);
  try {
    await parser.parseAsync(markCommand(args, loaded), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // --help ends with 0.
    if (error.exitCode === 0 || (named && LEFT_OUT.includes(error.code))) {
      return undefined;
    }
    return error.message;
  }
}

/** Makes the commands do nothing. */
function disarm(command: Command): void {
  for (const one of command.commands) {
    if (one.commands.length === 0) one.action(() => {});
    disarm(one);
  }
}
