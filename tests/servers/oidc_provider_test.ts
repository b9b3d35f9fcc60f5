import { OIDC_PROVIDER } from "./oidc_provider.ts";
import { testServer } from "./suite.ts";

testServer(OIDC_PROVIDER);
