import { afterEach, describe, expect, it } from "vitest";
import { defineProvider } from "../../src/definition.js";
import { closeAllProviders, getPushProvider, registerProvider } from "../../src/index.js";
import { openPlain, plainCodec, plainDefinition, settle } from "./support.js";

afterEach(() => closeAllProviders());

/** A codec's `close`, and how often it was called. */
function closing() {
  const seen = { closed: 0 };
  const close = async () => {
    seen.closed++;
  };
  return { seen, close };
}

describe("what a codec keeps open", () => {
  it("is ended with the last handle, once", async () => {
    const { seen, close } = closing();
    registerProvider(plainDefinition("keeps_something_open", { close }));
    const first = await getPushProvider("keeps_something_open", {});
    const second = await getPushProvider("keeps_something_open", {});
    await first.close();
    expect(seen.closed).toBe(0);
    await second.close();
    await second.close();
    expect(seen.closed).toBe(1);
  });

  it("stays while something is on the wire", async () => {
    const { seen, close } = closing();
    const { provider, transport } = await openPlain({}, { close });
    transport.hold = true;
    const sending = provider.sendNotification("a.example/1", { title: "x" });
    await settle();
    const closed = provider.close();
    await settle();
    expect(seen.closed).toBe(0);
    transport.release();
    expect((await sending).success).toBe(true);
    await closed;
    expect(seen.closed).toBe(1);
  });

  it("is ended when the provider cannot be opened after all", async () => {
    const { seen, close } = closing();
    const definition = plainDefinition("does_not_open", { close });
    registerProvider(
      defineProvider({
        ...definition,
        codec: () => plainCodec({ close }),
        transport: () => {
          throw new Error("no transport to be had");
        },
      }),
    );
    await expect(getPushProvider("does_not_open", {})).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    expect(seen.closed).toBe(1);
  });
});
