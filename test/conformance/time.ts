import { describe, expect, it } from "vitest";
import { QUICK } from "./support.js";
import type { Harness, Script } from "./world.js";

/** Retries, waits, timeouts and deadlines. */
export function describeTime(harness: Harness, open: Harness["open"]): void {
  describe(`${harness.platform} conforms: time`, () => {
    it.each(["RATE_LIMITED", "SERVICE_UNAVAILABLE"] as const)(
      "C8 %s is retried, then coded",
      async (code) => {
        const { provider, token, requests } = await open({ ann: [{ code }] }, QUICK);
        const result = await provider.sendNotification(token("ann"), harness.payload);
        expect(result).toMatchObject({
          success: false,
          error_code: code,
          retryable: true,
          attempts: 4,
          may_have_been_sent: false,
        });
        expect(requests("ann")).toBe(4);
      },
    );

    it("W11 R4 the time that the service names is a floor", async () => {
      const { provider, token } = await open(
        { ann: [{ code: "RATE_LIMITED", retry_after: "1" }, "accept"] },
        QUICK,
      );
      const result = await provider.sendNotification(token("ann"), harness.payload);
      expect(result).toMatchObject({ success: true, attempts: 2 });
      expect(result.duration_ms).toBeGreaterThanOrEqual(990);
    });

    it("W11 a time beyond the deadline settles now, and is told", async () => {
      const { provider, token, requests } = await open({
        ann: [{ code: "RATE_LIMITED", retry_after: "120" }],
      });
      const result = await provider.sendNotification(token("ann"), harness.payload);
      expect(result).toMatchObject({ error_code: "RATE_LIMITED", retry_after: 120, attempts: 1 });
      expect(requests("ann")).toBe(1);
    });

    if (harness.retry_after_header) {
      it("W11 R4 Retry-After as a date is a floor too", async () => {
        // An HTTP date has whole seconds: two seconds ahead is at least one away.
        const retry_after = new Date(Date.now() + 2000).toUTCString();
        const { provider, token } = await open(
          { ann: [{ code: "SERVICE_UNAVAILABLE", retry_after }, "accept"] },
          QUICK,
        );
        const result = await provider.sendNotification(token("ann"), harness.payload);
        expect(result).toMatchObject({ success: true, attempts: 2 });
        expect(Date.parse(result.timestamp)).toBeGreaterThanOrEqual(Date.parse(retry_after));
      });

      const unreadable = ["soon", "-5", "1e3", "12 minutes", "99999999999999999999", ""];
      it.each(harness.patient ? unreadable.slice(0, 1) : unreadable)(
        "W11 R4 a Retry-After of %j loses its timing, not the retry",
        async (retry_after) => {
          const { provider, token } = await open(
            { ann: [{ code: "SERVICE_UNAVAILABLE", retry_after }, "accept"] },
            QUICK,
          );
          const result = await provider.sendNotification(token("ann"), harness.payload);
          expect(result).toMatchObject({ success: true, attempts: 2 });
        },
      );
    }

    it("W3 C6 A3 no answer: TIMEOUT at the timeout, and it may have been sent", async () => {
      const { provider, token, requests } = await open({ ann: ["silence"] }, { timeout_seconds: 1 });
      const result = await provider.sendNotification(token("ann"), harness.payload);
      expect(result).toMatchObject({
        error_code: "TIMEOUT",
        attempts: 1,
        may_have_been_sent: true,
        retryable: true,
      });
      expect(requests("ann")).toBe(1);
    });

    it("deadline while queued: TIMEOUT, nothing was sent", async () => {
      const { provider, token, requests } = await open(
        { ann: ["silence"], ben: ["accept"] },
        { max_concurrency: 1 },
      );
      const controller = new AbortController();
      const first = provider.sendNotification(token("ann"), harness.payload, { signal: controller.signal });
      const queued = await provider.sendNotification(token("ben"), harness.payload, {
        deadline_seconds: 0.2,
      });
      expect(queued).toMatchObject({ error_code: "TIMEOUT", attempts: 0, may_have_been_sent: false });
      expect(requests("ben")).toBe(0);
      controller.abort();
      await first;
    });

    it("deadline while waiting to retry: the last verdict, at once", async () => {
      const script: Script = { ann: [{ code: "SERVICE_UNAVAILABLE" }] };
      const config = { retry: { base_delay_ms: 60_000 }, deadline_seconds: 3 };
      const { provider, token } = await open(script, config, { random: () => 0.9 });
      const result = await provider.sendNotification(token("ann"), harness.payload);
      expect(result).toMatchObject({ error_code: "SERVICE_UNAVAILABLE", attempts: 1 });
      expect(result.duration_ms).toBeLessThan(3000);
    });

    it("ones that wait to be retried do not hold up others", async () => {
      const waiting = Object.fromEntries(
        Array.from({ length: 3 }, (_, i) => [
          `slow${i}`,
          [{ code: "RATE_LIMITED", retry_after: "50" } as const],
        ]),
      );
      const { provider, token, tokens } = await open(waiting, { max_concurrency: 4 });
      const controller = new AbortController();
      const slow = provider.sendMulticastNotification(Object.keys(waiting).map(token), harness.payload, {
        signal: controller.signal,
      });
      const quick = await provider.sendMulticastNotification(tokens(12), harness.payload);
      expect(quick.every((result) => result.success)).toBe(true);
      controller.abort();
      expect((await slow).map((result) => result.error_code)).toEqual(Array(3).fill("ABORTED"));
    });
  });
}
