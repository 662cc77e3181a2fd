import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { ownEnvironment } from "../../scripts/own_environment.mjs";
import { openSqliteStore } from "../../src/store/index.js";
import { startWebPushService } from "../../src/testing/index.js";

const program = fileURLToPath(new URL("./programs/broadcaster.ts", import.meta.url));
const hook = new URL("../setup/typescript_hook.mjs", import.meta.url).href;
const loader = `data:text/javascript,import { register } from "node:module"; register("${hook}");`;

const SUBSCRIBERS = 300;
/** In flight at once. */
const WIDTH = 10;

it("a broadcast survives kill -9: nobody is skipped, nobody whose result was stored gets it again", {
  timeout: 120_000,
}, async () => {
  const place = mkdtempSync(join(tmpdir(), "pushmux-killed-"));
  const path = join(place, "store.db");
  const service = await startWebPushService();
  const store = await openSqliteStore({ path });
  const devices = Array.from({ length: SUBSCRIBERS }, () => service.createDevice());
  await store.upsert(
    devices.map(({ device_token }, i) => ({ platform: "web_push", device_token, user_id: String(i) })),
  );
  // One of the last: it must be noticed after the kills, too.
  devices.at(-1)?.unsubscribe();
  const { id } = await store.createBroadcast({ payload: { title: "To all" } });
  const config = { ...service.config, max_concurrency: WIDTH };
  const start = () => {
    const child = spawn(process.execPath, ["--import", loader, program], {
      env: { ...ownEnvironment(), BROADCAST: JSON.stringify({ path, id, config, page_size: 40 }) },
      stdio: ["ignore", "inherit", "inherit"],
    });
    return { child, ended: once(child, "close") };
  };

  /** Whose result was stored when the process was killed -> how many copies they had then. */
  const settled = new Map<number, number>();
  const copiesOf = (number: number) => devices[number]?.received.length ?? 0;
  for (const requests of [60, 150]) {
    const { child, ended } = start();
    await service.waitForRequests(requests, { timeout_ms: 30_000 });
    child.kill("SIGKILL");
    expect((await ended)[1]).toBe("SIGKILL");
    const log = await store.deliveries({ broadcast_id: id, limit: 1000 });
    for (const { user_id, status } of log) {
      const number = Number(user_id);
      if (status === "sent" && !settled.has(number)) settled.set(number, copiesOf(number));
    }
    const { state, sent } = (await store.getBroadcast(id)) ?? {};
    expect([state, sent]).toEqual(["running", settled.size]);
    // What was answered is stored at once, not at the end.
    expect(settled.size).toBeGreaterThan(requests - 4 * WIDTH);
  }
  const { ended } = start();
  expect(await ended).toEqual([0, null]);

  const copies = devices.map(({ received }) => received.length);
  expect(copies.slice(0, -1).every((count) => count >= 1)).toBe(true);
  expect(copies.at(-1)).toBe(0);
  expect([...settled].filter(([number, then]) => copiesOf(number) !== then)).toEqual([]);
  const surplus = copies.reduce((sum, count) => sum + Math.max(0, count - 1), 0);
  expect(surplus).toBeLessThanOrEqual(2 * 4 * WIDTH);
  // A second copy has the id of the first.
  const ids = devices.map(({ received }) => new Set(received.map(messageId)));
  expect(ids.filter((set) => set.size > 1)).toEqual([]);
  expect(new Set(ids.flatMap((set) => [...set])).size).toBe(SUBSCRIBERS - 1);

  expect(await store.getBroadcast(id)).toMatchObject({
    ...{ state: "finished", total: SUBSCRIBERS, sent: SUBSCRIBERS - 1, failed: 1, removed: 1 },
    codes: { UNREGISTERED: 1 },
  });
  expect(await store.count()).toBe(SUBSCRIBERS - 1);
  await store.close();
  await service.close();
  rmSync(place, { recursive: true, force: true });
});

function messageId({ json }: { json?: unknown }): unknown {
  return (json as { notification: { data: { message_id: unknown } } }).notification.data.message_id;
}
