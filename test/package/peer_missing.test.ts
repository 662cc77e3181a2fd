import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { compileTexts, type Programs } from "../examples/packed_examples.js";
import { type PackedProject, packedProject } from "../setup/packed_project.js";
import { runOk } from "../setup/run.js";

/** Opens and sends in each way that needs no firebase-admin, then asks for what does. */
const PROGRAM = `
import { getPushProvider } from "pushmux";
import { FcmProvider, type FcmConfig } from "pushmux/fcm";
import { startFcmService } from "pushmux/testing";

const service = await startFcmService();
const { device_token } = service.createDevice();
const { service_account, token_endpoint, ...reach } = service.config;
const own: FcmConfig[] = [
  { ...reach, service_account, token_endpoint },
  { ...reach, get_access_token: () => service.createAccessToken() },
];
for (const config of own) {
  const push: FcmProvider = await getPushProvider("fcm", config);
  const { success } = await push.sendNotification(device_token, { title: "Hello" });
  console.log(push instanceof FcmProvider, success);
  await push.close();
}
await service.close();
`;

/** Either module system; application default credentials as a config asks for them, and as the environment does. */
const ASK = `
const say = ({ code, message }) => console.log(code + ": " + message);
const ask = ({ getPushProvider }) =>
  getPushProvider("fcm", { project_id: "demo" }).catch(say).then(() => getPushProvider("fcm")).catch(say);
`;

const SAID = "PEER_MISSING: npm install firebase-admin\n";

let packed: PackedProject;
let compiled: Programs;
beforeAll(async () => {
  packed = await packedProject();
  compiled = await compileTexts("peer_missing", { "program.ts": PROGRAM });
});

describe("a user's project without firebase-admin", () => {
  it("has none, indeed", () => {
    expect(existsSync(join(packed.folder, "node_modules/pushmux"))).toBe(true);
    expect(existsSync(join(packed.folder, "node_modules/firebase-admin"))).toBe(false);
  });

  it("compiles what it writes with pushmux/fcm, the types of the package included", () => {
    expect(compiled.errors).toEqual([]);
  });

  it("sends with a service account, and with access tokens of its own", async () => {
    const { code, stdout, stderr } = await compiled.run("program.js");
    expect([code, stdout, stderr]).toEqual([0, "true true\ntrue true\n", ""]);
  });

  it.each([
    ["import", "module", `${ASK} await ask(await import("pushmux"));`],
    ["require", "commonjs", `${ASK} ask(require("pushmux"));`],
  ])(
    "gets the line that installs it for application default credentials: %s",
    async (_how, type, program) => {
      const file = join(packed.folder, "user_credentials.json");
      writeFileSync(file, JSON.stringify({ type: "authorized_user", client_id: "a" }));
      const stdout = await runOk(process.execPath, [`--input-type=${type}`, "-e", program], {
        cwd: packed.folder,
        env: {
          FCM_PROJECT_ID: "demo",
          FCM_SERVICE_ACCOUNT_PATH: undefined,
          FCM_CREDENTIALS_PATH: undefined,
          GOOGLE_APPLICATION_CREDENTIALS: file,
        },
      });
      expect(stdout).toBe(SAID + SAID);
    },
  );
});
