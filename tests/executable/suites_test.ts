/** No test of the command is left out of the executable's without a reason. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "../../tools/compile.ts";

const SLOW = "from source alone: it is slow, and others run the same code here";
const FUNCTIONS = "it calls functions, not the program";

/** Those that do not run against the executable, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "automation_test.ts": SLOW,
  "broker_tls_test.ts": SLOW,
  "canary_test.ts": "it tests the tests' own machine",
  "called_test.ts": "it is about how the source is called",
  "echo_test.ts": FUNCTIONS,
  "command_definition_test.ts": FUNCTIONS,
  "command_table_test.ts": FUNCTIONS,
  "complete_answer_test.ts": FUNCTIONS,
  "cert_system_test.ts": SLOW,
  "daily_test.ts": FUNCTIONS,
  "device_text_test.ts": FUNCTIONS,
  "doctor_broker_test.ts": SLOW,
  "doctor_machine_test.ts": "it expects the version of the Deno that tests",
  "doctor_tokens_test.ts": SLOW,
  "doctor_trust_test.ts": SLOW,
  "hint_text_test.ts": FUNCTIONS,
  "odd_files_test.ts": SLOW,
  "output_file_test.ts": FUNCTIONS,
  "pretty_json_test.ts": FUNCTIONS,
  "screen_test.ts": FUNCTIONS,
  "security_test.ts": SLOW,
  "silence_test.ts": FUNCTIONS,
  "strict_reader_test.ts": FUNCTIONS,
  "two_logins_test.ts": SLOW,
  "wrap_test.ts": FUNCTIONS,
};

Deno.test("each test of the command runs against the executable, too, or is left out with a reason", () => {
  const names = (directory: string) =>
    [...Deno.readDirSync(join(ROOT, "tests", directory))]
      .map(({ name }) => name).filter((name) => name.endsWith("_test.ts"));
  const here = new Set(names("executable"));
  assert.deepEqual(
    names("cli").filter((name) => !here.has(name)).sort(),
    Object.keys(LEFT_OUT).sort(),
  );
});
