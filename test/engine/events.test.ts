import { afterEach, describe, expect, it, vi } from "vitest";
import { debugLogger, Reporter } from "../../src/engine/events.js";
import { closeAllProviders, getPushProvider } from "../../src/index.js";

afterEach(async () => {
  delete process.env.PUSHMUX_DEBUG;
  vi.restoreAllMocks();
  await closeAllProviders();
});

describe("PUSHMUX_DEBUG", () => {
  it.each([
    ["*", true],
    ["here", true],
    ["there, here", true],
    ["there", false],
    ["", false],
    [undefined, false],
  ])("%j: debug lines of this platform: %s", (setting, expected) => {
    expect(debugLogger("here", setting) !== undefined).toBe(expected);
  });

  it("writes redacted lines to stderr: what happened, and to which fingerprint", async () => {
    process.env.PUSHMUX_DEBUG = "simulation";
    const lines: string[] = [];
    vi.spyOn(process.stderr, "write").mockImplementation((line) => lines.push(String(line)) > 0);
    const config = { success_rate: 1, delivery_delay_ms: 0, seed: "debug" };
    const provider = await getPushProvider("simulation", config, { force_new: true });
    await provider.sendNotification("canary-token", { title: "canary-title" });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^pushmux simulation debug attempt \{.*"status_code":200.*\}\n$/);
    expect(lines[1]).toContain("pushmux simulation debug settled ");
    expect(lines[1]).toContain('"device":"sha256:');
    expect(lines.join("")).not.toContain("canary");
  });
});

describe("the reporter", () => {
  it("tells an internal error's kind and place, never its words", () => {
    const heard: unknown[] = [];
    const reporter = new Reporter(undefined, [{ error: (...args) => heard.push(args) }]);
    reporter.internalError("here", new TypeError("canary"));
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatchObject([{ platform: "here", error: "TypeError" }, "internal error"]);
    expect(JSON.stringify(heard)).not.toContain("canary");
  });

  it("is inactive when nobody listens", () => {
    expect(new Reporter(undefined, []).active).toBe(false);
    expect(new Reporter(() => {}, []).active).toBe(true);
  });
});
