/** What the documents show is there: files, headings, commands and flags. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandsIn, misunderstood, wordsOf } from "./command_lines.ts";

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
