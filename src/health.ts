import type { Lease } from "./engine/lease.js";
import type { HealthCheck } from "./provider.js";

/** Can the sender's credentials be had? Nothing is sent to a device. Never rejects. */
export async function checkHealth(lease: Lease): Promise<HealthCheck> {
  const checks: HealthCheck["checks"] = [
    lease.closed
      ? { name: "open", status: "failed", message: "this provider was closed" }
      : { name: "open", status: "passed" },
  ];
  checks.push(lease.closed ? { name: "credentials", status: "skipped" } : await checkCredentials(lease));
  return {
    status: checks.some((check) => check.status === "failed") ? "unhealthy" : "healthy",
    platform: lease.platform,
    checks,
    timestamp: new Date(lease.engine.clock.now()).toISOString(),
  };
}

async function checkCredentials(lease: Lease): Promise<HealthCheck["checks"][number]> {
  const { credentials, codec } = lease.engine;
  const name = "credentials";
  const target = codec.healthTarget?.();
  if (!credentials || !target) return { name, status: "skipped", message: "this service needs none" };
  try {
    const credential = await credentials.get(credentials.scope(target));
    if (!("verdict" in credential)) return { name, status: "passed" };
    const code = credential.verdict === "accepted" ? "none were given" : credential.code;
    return { name, status: "failed", message: `could not be had: ${code}` };
  } catch (error) {
    lease.engine.reporter.internalError(lease.platform, error);
    return { name, status: "failed", message: "could not be made" };
  }
}
