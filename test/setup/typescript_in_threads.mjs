// The worker threads that tested sources start are sources too, and Node 20 reads no TypeScript.
import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

if (!isMainThread) register("./typescript_hook.mjs", import.meta.url);
