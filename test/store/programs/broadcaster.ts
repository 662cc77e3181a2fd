// A process of its own that goes on with a broadcast, and may be killed at any time.
import { getPushProvider } from "../../../src/index.js";
import { openSqliteStore, sendBroadcast } from "../../../src/store/index.js";

const { path, id, config, page_size } = JSON.parse(process.env.BROADCAST ?? "{}");
const store = await openSqliteStore({ path });
const provider = await getPushProvider("web_push", config);
for await (const _result of sendBroadcast({ store, provider, id, page_size }));
await provider.close();
await store.close();
