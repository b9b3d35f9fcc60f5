/** What the package holds, and whether Deno finds all of it. */
import assert from "node:assert/strict";
import { assertDone, publishPackage } from "./registries.ts";

Deno.test("each code file of the package is found by deno cache from an export, computed imports included", async () => {
  await using registries = await publishPackage();
  await using user = registries.user();
  const { specifier, published } = registries;
  const root = `${user.env["JSR_URL"]}${published.name}/${published.version}/`;
  const found = new Set<string>();
  for (const entry of Object.keys(published.exports)) {
    const result = await user.deno([
      "info",
      "--json",
      `${specifier}${entry.slice(1)}`,
    ]);
    assertDone(result);
    const { modules } = JSON.parse(result.stdout) as {
      modules: { specifier: string; error?: string }[];
    };
    for (const { specifier, error } of modules) {
      assert.equal(error, undefined, specifier);
      if (specifier.startsWith(root)) found.add(specifier.slice(root.length));
    }
  }
  const code = [...published.files.keys()].filter((path) =>
    /\.[jt]sx?$/.test(path)
  );
  assert.ok(code.length > 100, `${code.length} files`);
  assert.deepEqual(code.filter((path) => !found.has(path)), []);
  assert.ok(
    [...found].every((path) => published.files.has(path)),
    "or it would not load",
  );
});

Deno.test("only the command's entry has an import that Deno cannot read, and only one", async () => {
  await using registries = await publishPackage();
  const { said, published } = registries;
  const at = [
    ...said.matchAll(/unanalyzable-dynamic-import[^]*?--> (.*?):\d+/g),
  ].map(([, path = ""]) => path.replaceAll("\\", "/"));
  assert.equal(at.length, 1, said);
  const entry = published.exports["./cli"]?.slice(2) ?? "none";
  assert.ok(at[0]?.endsWith(`/${entry}`), at[0]);
});

Deno.test("the package holds its license and documents, and no test, tool or benchmark", async () => {
  await using registries = await publishPackage();
  const paths = [...registries.published.files.keys()];
  for (const path of ["README.md", "LICENSE", "docs/settings.md"]) {
    assert.ok(paths.includes(path), path);
  }
  const others = /^(tests|tools|bench|dist|examples)\//;
  assert.deepEqual(paths.filter((path) => others.test(path)), []);
});
