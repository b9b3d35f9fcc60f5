import { AUTHLIB } from "./authlib.ts";
import { testServer } from "./suite.ts";

testServer(AUTHLIB);
