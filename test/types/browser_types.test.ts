import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import { type PackedProject, packedProject } from "../setup/packed_project.js";

let packed: PackedProject;
beforeAll(async () => {
  packed = await packedProject();
});

const PAGE = `
import { createPushClient, PushClientError, type PushState, type ReceivedNotification } from "pushmux/browser";
const client = createPushClient({ service_worker_url: "/sw.js", vapid_public_key: undefined });
export const stop: () => void = client.on("state", (state: PushState) => state);
client.on("notification", ({ title, data }: ReceivedNotification) => [title, data.message_id]);
export const state: "subscribed" | string = await client.getState();
export const endpoint: string = (await client.subscribe()).endpoint;
export const code = (error: unknown) => (error instanceof PushClientError ? error.code : undefined);
const test = await client.sendTest({ title: "Hello", data: { url: "/" } });
export const status = test.via === "local" ? test.error.status : undefined;
// @ts-expect-error the worker's script is needed
createPushClient({});
// @ts-expect-error no such event
client.on("push", () => {});
`;

const WORKER = `
import { installPushHandlers, type PushHandlerOptions } from "pushmux/service_worker";
const options: PushHandlerOptions = { api_base: "/api/push", defaults: { title: "News", vibrate: [200, 100, 200] } };
installPushHandlers(options);
installPushHandlers();
// @ts-expect-error a pattern is a list
installPushHandlers({ defaults: { vibrate: 200 } });
`;

const NODE_NEXT = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };
const BUNDLER = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };

describe("the doors of the browser in a strict project of a user, which checks the package's own types", () => {
  it.each([
    ["page.mts", PAGE, "lib.dom.d.ts", NODE_NEXT],
    ["page.ts", PAGE, "lib.dom.d.ts", BUNDLER],
    ["worker.mts", WORKER, "lib.webworker.d.ts", NODE_NEXT],
    ["worker.ts", WORKER, "lib.webworker.d.ts", BUNDLER],
    // One that renders pages on a server has neither.
    ["page_on_a_server.ts", PAGE, "lib.es2022.d.ts", BUNDLER],
  ])("%s", (name, text, lib, module) => {
    const folder = join(packed.folder, "browser_types");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), `{"type":"module"}`);
    writeFileSync(join(folder, name), text);
    const program = ts.createProgram([join(folder, name)], {
      ...module,
      target: ts.ScriptTarget.ES2022,
      lib: ["lib.es2022.d.ts", lib],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    });
    const problems = ts.getPreEmitDiagnostics(program);
    expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
  });
});
