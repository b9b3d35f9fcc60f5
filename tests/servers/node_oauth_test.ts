import { NODE_OAUTH } from "./node_oauth.ts";
import { testServer } from "./suite.ts";

testServer(NODE_OAUTH);
