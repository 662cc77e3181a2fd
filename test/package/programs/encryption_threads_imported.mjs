import { encryptInThreads } from "./encryption_threads.mjs";

await encryptInThreads((door) => import(door));
