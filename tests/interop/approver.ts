/**
 * The scripted user as a program, for `tdauth login --browser`:
 * `approver.ts [--iss VALUE|--no-iss] [--cancel] URL`.
 */
import { approveAt } from "./approve_at.ts";

const url = Deno.args.at(-1) ?? "";
const iss = Deno.args.indexOf("--iss");
await approveAt(url, {
  cancel: Deno.args.includes("--cancel"),
  ...(iss >= 0 && { iss: Deno.args[iss + 1] ?? "" }),
  ...(Deno.args.includes("--no-iss") && { iss: null }),
});
