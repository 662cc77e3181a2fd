import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { useServer } from "./support.js";

const GUIDE = readFileSync(new URL("../../docs/web_push_guide.md", import.meta.url), "utf8");
const block = (language: string) =>
  new RegExp(`^\`\`\`${language}\n(.*?)\n\`\`\`$`, "ms").exec(GUIDE)?.[1] ?? "";
const server = useServer();

describe("what the guide has its reader type into the developer tools", () => {
  it("5.2.b10 plain text is shown as the body", async () => {
    expect(block("text")).not.toBe("");
    const worker = server.worker({ defaults: { title: "News" } });
    expect(await worker.push(block("text"))).toMatchObject({
      title: "News",
      options: { body: "Come in, the doors are open" },
    });
  });

  it("5.2.b10 JSON is shown as it says, and a click opens its URL", async () => {
    const worker = server.worker({ defaults: { title: "News" } });
    const shown = await worker.push(JSON.parse(block("json")));
    expect(shown).toMatchObject({ title: "Doors open", options: { body: "Come in" } });
    if (shown) await worker.click(shown);
    expect(worker.opened).toEqual(["https://example.org/tickets"]);
  });
});

it("5.3.10 5.3.6 while no page of the site is open a message is shown and acknowledged, and a click opens the site", async () => {
  const worker = server.worker();
  const shown = await worker.push({ notification: { title: "Doors open", data: { message_id: "m-1" } } });
  expect([shown?.title, worker.windows]).toEqual(["Doors open", []]);
  expect(server.api.bodies("ack")).toMatchObject([{ message_id: "m-1", status: "delivered" }]);
  if (shown) await worker.click(shown);
  expect(worker.opened).toEqual(["https://example.org/app/"]);
});
