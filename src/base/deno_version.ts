/**
 * The Deno that this project is made and tested with: where it runs from its
 * source, hints name it. README.md, CONTRIBUTING.md, docs/installing.md and
 * .ci/run say the same (tests/base/hint_test.ts).
 */
export const DENO_VERSION = "2.9.6";
