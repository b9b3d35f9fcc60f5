/** The scripted user as a program, for `tdauth login --browser`: `user.ts FORM URL`. */
import { logIn } from "./log_in.ts";

const [form, url = ""] = Deno.args;
await logIn(url, form === "glewlwyd" || form === "lemonldap" ? form : "html");
