import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type PackedProject, packedProject } from "../setup/packed_project.js";
import { runOk } from "../setup/run.js";

const USE = `
const use = async ({ openMemoryStore, openSqliteStore, deliver }, { getPushProvider }) => {
  const store = openMemoryStore();
  const provider = await getPushProvider("simulation", { success_rate: 1 });
  const notification = { platform: "simulation", device_token: "a", payload: { title: "Hello" } };
  for await (const { success } of deliver([notification], { store, provider })) console.log(success);
  await provider.close();
  await openSqliteStore({ path: "push.db" }).catch(({ code, message }) => console.log(code + ": " + message));
};
`;

let packed: PackedProject;
beforeAll(async () => {
  packed = await packedProject();
});

describe("a user's project without @libsql/client", () => {
  it.each([
    ["import", "module", `${USE} await use(await import("pushmux/store"), await import("pushmux"));`],
    ["require", "commonjs", `${USE} use(require("pushmux/store"), require("pushmux"));`],
  ])(
    "has the store in memory, and gets the line that installs what SQLite needs: %s",
    async (_how, type, program) => {
      expect(existsSync(join(packed.folder, "node_modules/@libsql"))).toBe(false);
      const stdout = await runOk(process.execPath, [`--input-type=${type}`, "-e", program], {
        cwd: packed.folder,
      });
      expect(stdout).toBe("true\nPEER_MISSING: npm install @libsql/client\n");
      expect(existsSync(join(packed.folder, "push.db"))).toBe(false);
    },
  );
});
