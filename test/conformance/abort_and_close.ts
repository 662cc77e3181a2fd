import { describe, expect, it } from "vitest";
import { handles, QUICK, until } from "./support.js";
import type { Harness } from "./world.js";

/** How sending ends before it is done. */
export function describeAbortAndClose(harness: Harness, open: Harness["open"]): void {
  describe(`${harness.platform} conforms: abort and close`, () => {
    it("abort before: every item is answered ABORTED, nothing is sent", async () => {
      const { provider, tokens, total } = await open();
      const results = await provider.sendMulticastNotification(tokens(5), harness.payload, {
        signal: AbortSignal.abort(),
      });
      expect(results.map((result) => [result.error_code, result.attempts])).toEqual(
        Array(5).fill(["ABORTED", 0]),
      );
      expect(total()).toBe(0);
    });

    it("abort during: what was on the wire may have been sent", async () => {
      const { provider, token, requests } = await open({ ann: ["silence"] });
      const controller = new AbortController();
      const sending = provider.sendNotification(token("ann"), harness.payload, { signal: controller.signal });
      await until(() => requests("ann") === 1);
      controller.abort();
      expect(await sending).toMatchObject({
        error_code: "ABORTED",
        may_have_been_sent: true,
        retryable: true,
      });
    });

    it("abort after: changes nothing", async () => {
      const { provider, token } = await open({ ann: ["accept"] });
      const controller = new AbortController();
      const result = await provider.sendNotification(token("ann"), harness.payload, {
        signal: controller.signal,
      });
      controller.abort();
      expect(result.success).toBe(true);
    });

    it("close lets the attempt on the wire finish its time, then cuts it; what is queued settles at once", async () => {
      const { provider, token, requests } = await open(
        { ann: ["silence"], ben: ["accept"] },
        { max_concurrency: 1 },
      );
      const wire = provider.sendNotification(token("ann"), harness.payload);
      await until(() => requests("ann") === 1);
      const queued = provider.sendNotification(token("ben"), harness.payload);
      const closing = provider.close({ timeout_seconds: 0.3 });
      expect(await queued).toMatchObject({ error_code: "ABORTED", attempts: 0, may_have_been_sent: false });
      expect(await wire).toMatchObject({ error_code: "ABORTED", attempts: 1, may_have_been_sent: true });
      await closing;
    });

    it("close is idempotent; a send after it rejects with PROVIDER_CLOSED; another lease goes on", async () => {
      const { provider, token, lease } = await open({ ann: ["accept"] });
      const other = await lease();
      await Promise.all([provider.close(), provider.close()]);
      await expect(provider.sendNotification(token("ann"), harness.payload)).rejects.toMatchObject({
        code: "PROVIDER_CLOSED",
      });
      expect((await other.sendNotification(token("ann"), harness.payload)).success).toBe(true);
      await other.close();
    });

    it("close leaves no handle behind", async () => {
      const before = handles();
      const { provider, token, tokens, end } = await open({ ann: [{ code: "SERVICE_UNAVAILABLE" }] }, QUICK);
      await provider.sendMulticastNotification([token("ann"), ...tokens(20)], harness.payload);
      await end();
      await until(() => handles() <= before);
    });
  });
}
