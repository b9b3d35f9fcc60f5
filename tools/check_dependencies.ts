// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Fails when the tests run with other versions of the shipped packages. The tests
 * have their own configuration and lock, because `deno run cli.ts` reads the
 * program's each time, and the imports of tests would cost every call some 3 %.
 */

interface Config {
  readonly imports: Readonly<Record<string, string>>;
  readonly compilerOptions: unknown;
}

interface Lock {
  readonly npm: Readonly<Record<string, { readonly integrity: string }>>;
}

const program = read<Config>("deno.json");
const tests = read<Config>("tests/deno.json");
const problems: string[] = [];

for (const [name, specifier] of Object.entries(program.imports)) {
  const expected = specifier.replace(/^\.\//, "../");
  if (tests.imports[name] !== expected) {
    problems.push(`tests/deno.json must map ${name} to ${expected}`);
  }
}
if (
  JSON.stringify(program.compilerOptions) !==
    JSON.stringify(tests.compilerOptions)
) {
  problems.push("tests/deno.json must have the compilerOptions of deno.json");
}
const shipped = Object.entries(read<Lock>("deno.lock").npm);
const tested = read<Lock>("tests/deno.lock").npm;
for (const [name, { integrity }] of shipped) {
  if (tested[name]?.integrity !== integrity) {
    problems.push(`tests/deno.lock has not the ${name} of deno.lock`);
  }
}

if (problems.length > 0) {
  console.error(problems.join("\n"));
  Deno.exit(1);
}
console.log(`dependencies: ${shipped.length} packages, the same in the tests`);

function read<T>(path: string): T {
  return JSON.parse(
    Deno.readTextFileSync(new URL(`../${path}`, import.meta.url)),
  );
}
