import assert from "node:assert/strict";
import { shared } from "../../tools/check_shared.ts";

Deno.test("shared() finds every path, port and name that two runs would share", () => {
  for (
    const text of [
      'const directory = Deno.args[0] ?? "/tmp/shots";',
      "await callbackCertificate(`/tmp/${name}`);",
      "const command = `sh -c 'echo > /tmp/x'`;",
      'const place = "/var/tmp";',
      'const place = "/dev/shm/x";',
      'const path = Deno.env.get("TMPDIR") + "/x";',
      "const path = tmpdir() + name;",
      'const script = "cat > $TMPDIR/x";',
      'Deno.writeTextFileSync("out.json", "{}");',
      'await Deno.mkdir("coverage");',
      'Deno.writeFileSync(new URL("out", import.meta.url), bytes);',
      'Deno.listen({ hostname: "127.0.0.1", port: 8182 });',
      "Deno.serve({\n  port: 4280,\n  onListen() {},\n}, app);",
      "createServer(app).listen(3000);",
      "Deno.serve(app);",
      "Deno.serve((request) => answer(request));",
      'Deno.serve({ hostname: "127.0.0.1" }, app);',
      "const { port } = listener.addr;\nlistener.close();",
      "const { port } = listener.addr as Deno.NetAddr;\n  listener.close();",
      'tmux("new-session", "-s", "pictures");',
    ]
  ) {
    assert.equal(shared("a_test.ts", `\n${text}`).length, 1, text);
  }
  assert.match(
    shared("a_test.ts", '/* one\n */\n\nconst at = "/tmp/x";')[0] ?? "",
    /^a_test\.ts:4 has a fixed temporary path: use temporaryDirectory\(\)$/,
  );
});

Deno.test("shared() finds nothing in names of a run's own, in comments, and in ports that are not listened on", () => {
  for (
    const text of [
      "await using directory = temporaryDirectory();",
      "Deno.writeTextFileSync(`${directory.path}/x`, text);",
      "Deno.mkdirSync(path, { recursive: true });",
      'const callbackUrl = "https://127.0.0.1:8182";',
      'const fixed = "https://x.example/tmp/file";',
      "// such as /tmp/x, or Deno.serve(app)",
      'Deno.listen({ hostname: "127.0.0.1", port: 0 });',
      "Deno.listen({ hostname, port });",
      "Deno.serve(\n    { hostname: host, port: 0, onListen() {} },\n    app,\n  );",
      "server.listen(0);",
      "const { port } = listener.addr;\nawait use(port);\nlistener.close();",
      'tmux("new-session", "-s", session);',
    ]
  ) {
    assert.deepEqual(shared("a_test.ts", text), [], text);
  }
  const handed = 'const env = { TMPDIR: "/tmp" };';
  assert.deepEqual(shared("tests/system/config_dir_test.ts", handed), []);
  assert.equal(shared("tests/other_test.ts", handed).length, 1);
});
