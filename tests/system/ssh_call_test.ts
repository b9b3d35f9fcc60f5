import assert from "node:assert/strict";
import fc from "fast-check";
import {
  parseSshHost,
  sshCall,
  sshHostText,
} from "../../src/system/ssh_call.ts";

Deno.test("a host for ssh is a name, a user and a name, or an ssh:// URL", () => {
  for (
    const [text, host] of [
      ["nas", { host: "nas" }],
      ["me@nas.local", { host: "nas.local", user: "me" }],
      ["me@corp@nas", { host: "nas", user: "me@corp" }],
      ["ssh://nas", { host: "nas" }],
      ["ssh://me@nas:2222", { host: "nas", user: "me", port: 2222 }],
      ["ssh://me@[2001:db8::1]:22/", {
        host: "2001:db8::1",
        user: "me",
        port: 22,
      }],
      ["2001:db8::1", { host: "2001:db8::1" }],
    ] as const
  ) assert.deepEqual(parseSshHost(text), host);
});

Deno.test("a host for ssh is never an option, and has nothing that a shell would read", () => {
  for (
    const text of [
      "",
      "-oProxyCommand=touch x",
      "me@-oProxyCommand=x",
      "-l@nas",
      "ssh://-oProxyCommand=x",
      "ssh://me@-v:22",
      "nas;id",
      "na s",
      "$(id)",
      "nas`id`",
      "nas\nid",
      "ssh://nas:0",
      "ssh://nas:65536",
      "ssh://nas:22/path",
      "ssh://nas:22x",
    ]
  ) assert.equal(parseSshHost(text), undefined, text);
  fc.assert(fc.property(fc.string(), (text) => {
    const host = parseSshHost(text);
    if (host === undefined) return;
    const { args } = sshCall(host, ["true"], { unattended: true });
    const end = args.indexOf("--");
    assert.deepEqual(args.slice(end), ["--", host.host, "true"]);
    assert.doesNotMatch(
      `${host.host}${host.user ?? ""}`,
      /^-|[\s;&|<>()$`'"\\*?#~!]/,
    );
    assert.deepEqual(
      parseSshHost(host.port === undefined ? sshHostText(host) : text),
      host,
    );
  }));
});

Deno.test("the other machine's shell sees each word of the command as one", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.string({ unit: "grapheme" }).filter((word) => !word.includes("\0")),
        { minLength: 1 },
      ),
      async (words) => {
        const { args } = sshCall(
          { host: "nas" },
          ["printf", "%s\\0", ...words],
          {
            unattended: false,
          },
        );
        const { stdout } = await new Deno.Command("sh", {
          args: ["-c", args.at(-1) ?? ""],
        }).output();
        assert.equal(
          new TextDecoder().decode(stdout),
          words.map((word) => `${word}\0`).join(""),
        );
      },
    ),
    { numRuns: 30 },
  );
});
