import assert from "node:assert/strict";
import { addressText, listenError } from "../../src/login/listen_error.ts";
import { isMissingAddress } from "../../src/system/system_error.ts";

Deno.test("listenError() distinguishes a forbidden port from one in use", () => {
  const forbidden = listenError(
    new Deno.errors.PermissionDenied("Permission denied (os error 13)"),
    "127.0.0.1",
    443,
  );
  assert.equal(forbidden.code, "port_forbidden");
  assert.match(forbidden.message, /127\.0\.0\.1:443/);
  assert.match(forbidden.hint?.format(["tdauth"]) ?? "", /1024.*paste/);
  assert.equal(
    listenError(new Deno.errors.AddrInUse(), "::1", 443).code,
    "port_in_use",
  );
});

Deno.test("listenError() reports a missing address and a key that does not match", () => {
  const missing = new Deno.errors.AddrNotAvailable();
  assert.ok(isMissingAddress(missing));
  assert.ok(isMissingAddress(new Error("not supported (os error 97)")));
  assert.ok(!isMissingAddress(new Error("(os error 98)")));
  const error = listenError(missing, "::1", 8182);
  assert.equal(error.code, "invalid_options");
  assert.match(error.message, /\[::1\]:8182/);
  assert.match(
    listenError(new Error("not consistent: KeyMismatch"), "::1", 1).message,
    /key does not match the certificate/,
  );
});

Deno.test("addressText() puts IPv6 addresses in brackets", () => {
  assert.equal(addressText("127.0.0.1", 1), "127.0.0.1:1");
  assert.equal(addressText("::1", 1), "[::1]:1");
});
