import { GLEWLWYD } from "./glewlwyd.ts";
import { testServer } from "./suite.ts";

testServer(GLEWLWYD);
