import { type Command, SENDER_OPTIONS } from "./arguments.js";
import { checkNode, checkPackages, checkPlatform, type Finding, watchClock } from "./checkup.js";
import { EXIT } from "./exit.js";
import { paint, writeJson, writeLine } from "./io.js";
import { platformsOf, SERVICES, Senders } from "./senders.js";

/** Says whether this machine could send. */
export const doctor: Command = {
  name: "doctor",
  summary: "Checks the machine and the credentials. Nothing is sent to a device.",
  options: {
    platform: { value: "NAME,…", multiple: true, help: "these must be configured; default: those that are" },
    ...SENDER_OPTIONS,
  },
  notes: [
    "Reads the keys, checks that they belong together, and gets credentials as a send would: for FCM and WNS that asks",
    "their token endpoints. Web push and APNs keys sign here; only a send tells whether the service knows them.",
    "Exit code 3 when something failed, or nothing is configured.",
  ],
  examples: [
    "pushmux doctor",
    "pushmux doctor --env-file .env --platform web_push",
    "pushmux doctor --config push.json --json",
  ],
  async run(given, io) {
    const senders = await Senders.read(given, io);
    const named = platformsOf(given);
    const clock = watchClock();
    const platforms = await Promise.all(
      (named.length > 0 ? named : SERVICES).map((platform) =>
        checkPlatform(platform, senders, named.includes(platform)),
      ),
    );
    const findings = [checkNode(), clock.end(), checkPackages(), ...platforms];
    if (platforms.every(({ status }) => status === "absent")) findings.push(NOTHING_CONFIGURED);
    const healthy = findings.every(({ status }) => status !== "failed");
    if (given.has("json")) {
      await writeJson(io, { status: healthy ? "healthy" : "unhealthy", checks: findings });
    } else {
      const width = Math.max(...findings.map(({ name }) => name.length));
      for (const { name, status, message } of findings) {
        const [word, colour] = SHOWN[status];
        await writeLine(io, `${paint(io.stdout, colour, word.padEnd(7))} ${name.padEnd(width)}  ${message}`);
      }
    }
    return healthy ? EXIT.OK : EXIT.CONFIG;
  },
};

const NOTHING_CONFIGURED: Finding = {
  name: "platforms",
  status: "failed",
  message: "none is configured; set the variables of one, or try the platform simulation, which needs none",
};

const SHOWN = {
  ok: ["ok", "green"],
  warning: ["warning", "yellow"],
  failed: ["FAILED", "red"],
  absent: ["-", "dim"],
} as const satisfies Record<Finding["status"], readonly [string, Parameters<typeof paint>[1]]>;
