import { LEMONLDAP } from "./lemonldap.ts";
import { testServer } from "./suite.ts";

testServer(LEMONLDAP);
