/** That what must agree across the workflows, the install scripts and the tree does. */
import assert from "node:assert/strict";
import denoJson from "../../deno.json" with { type: "json" };
import { releaseNotes } from "../../tools/release_notes.ts";
import { RELEASE } from "../../tools/release.ts";

const read = (path: string) =>
  Deno.readTextFileSync(new URL(`../../${path}`, import.meta.url));
const workflows = [".github/workflows/ci.yml", ".github/workflows/release.yml"];
const assets = Object.keys(RELEASE).sort();
const all = (text: string, pattern: RegExp) =>
  [
    ...new Set([...text.matchAll(pattern)].map(([, found = ""]) => found)),
  ].sort();

Deno.test("the workflows and .ci/run run one version of Deno, which the docs name as well", () => {
  const versions = [
    ".github/workflows/ci.yml",
    ".ci/run",
    "CONTRIBUTING.md",
    "README.md",
    "docs/installing.md",
  ].map((path) => all(read(path), /deno@([\d.]+\d)/g));
  const [version = ""] = versions[0]?.splice(0, 1, "") ?? [];
  assert.match(version, /^\d+\.\d+\.\d+$/);
  assert.deepEqual(
    [...new Set(versions.flat().filter((found) => found !== ""))],
    [version],
  );
});

Deno.test("the workflows and .ci/run run only tasks and tools that there are", () => {
  for (const path of [...workflows, ".ci/run"]) {
    const text = read(path);
    const tasks = all(text, /\bdeno(?:@\S+)? task (\S+)/g);
    assert.ok(path.includes("release") ? tasks.length === 1 : tasks.length > 1);
    for (const task of tasks) assert.ok(task in denoJson.tasks, task);
    for (const tool of all(text, /(tools\/\S+\.ts)/g)) read(tool);
  }
});

Deno.test("every job of a release runs the Deno whose hashes the repository has, and nothing else from npm", () => {
  const [version = ""] = all(read(".ci/run"), /deno@([\d.]+\d)/g);
  const lock: {
    packages: Record<string, { version?: string; integrity?: string }>;
  } = JSON.parse(read(".github/deno/package-lock.json"));
  const { "": _, ...packages } = lock.packages;
  const names = Object.keys(packages);
  assert.ok(names.includes("node_modules/deno"));
  for (const os of ["linux-x64-glibc", "darwin-arm64", "win32-x64"]) {
    assert.ok(names.includes(`node_modules/@deno/${os}`), os);
  }
  for (const [name, found] of Object.entries(packages)) {
    assert.equal(found.version, version, name);
    assert.match(found.integrity ?? "", /^sha512-[\w+/]{86}==$/, name);
  }
  const release = read(".github/workflows/release.yml");
  assert.doesNotMatch(release, /\bnpx\b|\bnpm\b/);
  const jobs = release.slice(release.indexOf("\njobs:\n"))
    .split(/\n(?= {2}\w+:\n)/).filter((job) => /\bdeno /.test(job));
  assert.ok(jobs.length >= 4);
  for (const job of jobs) {
    const at = job.indexOf("- uses: ./.github/actions/deno\n");
    assert.ok(at > 0 && at < job.search(/run: .*\bdeno /), job);
  }
  // A wrong hash leaves the package out, and only the second command fails.
  assert.match(
    read(".github/actions/deno/action.yml"),
    /npm ci .*--ignore-scripts[^]*run: deno --version\n/,
  );
});

Deno.test("the release workflow builds, smoke-tests and publishes every executable", () => {
  const text = read(".github/workflows/release.yml");
  const matrix = all(text, /- asset: (\S+)/g);
  assert.deepEqual(matrix, assets);
  const uploaded = all(text, /^ +dist\/(\S+)$/gm);
  assert.deepEqual(
    uploaded,
    [...assets, "SHA256SUMS", "install.ps1", "install.sh"].sort(),
  );
});

Deno.test("the install scripts ask for the executables that a release has", () => {
  const windows = assets.filter((asset) => asset.includes("windows"));
  assert.deepEqual(
    all(read("install.ps1"), /'(tdauth-[^'.]*\.exe)'/g),
    windows,
  );
  const script = read("install.sh");
  assert.match(script, /asset=tdauth-\$os-\$cpu\n/);
  const names = all(script, /\bos=(\w+)/g).flatMap((os) =>
    all(script, /\bcpu=(\w+)/g).map((cpu) => `tdauth-${os}-${cpu}`)
  );
  assert.deepEqual([...names, ...windows].sort(), assets);
});

Deno.test("the workflows pin every action by its commit, and may write nothing but where a release is published", () => {
  for (const path of workflows) {
    const text = read(path);
    const used = all(text, /uses: (.*)/g).filter((action) =>
      !action.startsWith("./")
    );
    assert.ok(used.length > 0);
    for (const action of used) {
      assert.match(action, /^actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
    assert.match(text, /^permissions:\n {2}contents: read\n\n/m);
    const jobs = text.slice(text.indexOf("\njobs:\n")).split(
      /\n(?= {2}\w+:\n)/,
    );
    for (const job of jobs.filter((job) => job.includes(": write"))) {
      assert.match(job, /^ {2}(publish|jsr):\n {4}.*\n {4}needs: /);
    }
    assert.doesNotMatch(text, /pull_request_target|secrets\./);
    // What others can name (a branch, a title) must not become part of a command.
    assert.doesNotMatch(text, /run:.*\$\{\{ *github\./);
  }
});

Deno.test("releaseNotes() gives the part of the tag's version, and refuses any other tag", () => {
  const changelog = `# Changelog

## [Unreleased]

## [0.2.0] - 2027-01-02

### Added

- this

## [0.1.0] - 2026-12-01

- that

[0.2.0]: https://example.com
`;
  assert.equal(
    releaseNotes("v0.2.0", "0.2.0", changelog),
    "### Added\n\n- this",
  );
  assert.equal(releaseNotes("v0.1.0", "0.1.0", changelog), "- that");
  for (
    const [tag, version, why] of [
      ["v0.2.0", "0.1.0", /the tag is v0\.2\.0, and deno\.json has 0\.1\.0/],
      ["0.2.0", "0.2.0", /the tag is 0\.2\.0/],
      ["v0.3.0", "0.3.0", /has no 0\.3\.0/],
      ["vUnreleased", "Unreleased", /no date/],
    ] as const
  ) assert.throws(() => releaseNotes(tag, version, changelog), why);
  assert.throws(
    () => releaseNotes("v1.0.0", "1.0.0", "## [1.0.0] - 2027-01-01\n"),
    /says nothing/,
  );
});

Deno.test("CHANGELOG.md has the version that deno.json has", () => {
  const { version } = denoJson;
  const dated = read("CHANGELOG.md").replace(
    `## [${version}] - unreleased`,
    `## [${version}] - 2026-12-01`,
  );
  assert.match(releaseNotes(`v${version}`, version, dated), /^### Added/m);
});
