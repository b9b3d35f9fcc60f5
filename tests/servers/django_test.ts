import { DJANGO } from "./django.ts";
import { testServer } from "./suite.ts";

testServer(DJANGO);
