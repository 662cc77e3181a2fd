import { describe, expect, it } from "vitest";
import { all, encode, refused, readToast as toast, tryEncode } from "./support.js";

describe("golden toasts", () => {
  it("2.wns 1.10 title and body", async () => {
    const { text, headers } = await encode({ fields: { title: "Order 42", body: "Shipped & on its way" } });
    expect(text).toBe(
      '<toast><visual><binding template="ToastGeneric"><text>Order 42</text><text>Shipped &amp; on its way</text></binding></visual></toast>',
    );
    expect(headers).toEqual({
      "content-type": "text/xml",
      "x-wns-type": "wns/toast",
      "x-wns-priority": "2",
      "x-wns-ttl": "300",
    });
  });

  it("N8 everything that a payload has", async () => {
    const { xml, warnings } = await toast({
      title: "Delivery",
      body: "At the door",
      image: "https://img.example/door.png",
      icon: "ms-appx:///Assets/logo.png",
      url: "https://shop.example/orders/42?a=1&b=2",
      data: { order: 42, deep: { list: [1, "<two>"] } },
      message_id: "m-1",
      sound: "Mail",
      priority: "critical",
      created_at_ms: Date.UTC(2026, 10, 20, 8, 30),
      actions: [
        {
          action: "open",
          title: "Open",
          url: "https://shop.example/orders/42",
          icon: "ms-appx:///Assets/open.png",
        },
        { action: "later", title: "Remind me" },
      ],
    });
    const launch =
      "{&quot;url&quot;:&quot;https://shop.example/orders/42?a=1&amp;b=2&quot;,&quot;order&quot;:42,&quot;deep&quot;:{&quot;list&quot;:[1,&quot;&lt;two&gt;&quot;]},&quot;message_id&quot;:&quot;m-1&quot;}";
    expect(xml).toBe(
      [
        `<toast launch="${launch}" scenario="urgent" displayTimestamp="2026-11-20T08:30:00.000Z">`,
        '<visual><binding template="ToastGeneric"><text>Delivery</text><text>At the door</text>',
        '<image placement="hero" src="https://img.example/door.png"/>',
        '<image placement="appLogoOverride" src="ms-appx:///Assets/logo.png"/></binding></visual>',
        '<actions><action content="Open" arguments="https://shop.example/orders/42" activationType="protocol" imageUri="ms-appx:///Assets/open.png"/>',
        '<action content="Remind me" arguments="later"/></actions>',
        '<audio src="ms-winsoundevent:Notification.Mail"/></toast>',
      ].join(""),
    );
    expect(warnings).toEqual([]);
  });

  it("everything that its options have", async () => {
    const { xml, warnings } = await toast(
      { title: "Upload" },
      {
        title: "Uploading",
        body: "holiday.zip",
        launch: "action=show&id=7",
        activation_type: "background",
        scenario: "reminder",
        duration: "long",
        display_timestamp: "2026-11-20T12:00:00+01:00",
        lang: "de-DE",
        attribution: "Via Files",
        image: "https://img.example/a.png",
        image_placement: "inline",
        icon: "https://img.example/i.png",
        icon_crop: "circle",
        progress: { title: "holiday", value: 0.6, value_text: "3 of 5", status: "Uploading…" },
        header: { id: "files", title: "Files", arguments: "action=files" },
        audio: { src: "ms-appx:///Assets/up.mp3", loop: false },
        inputs: [
          { id: "reply", type: "text", title: "Reply", placeholder: "Type", default: "Hi" },
          {
            id: "time",
            type: "selection",
            default: "5",
            selections: [
              { id: "5", content: "5 minutes" },
              { id: "60", content: "1 hour" },
            ],
          },
        ],
        actions: [
          {
            action: "snooze",
            title: "",
            activation_type: "system",
            input_id: "time",
            button_style: "Success",
            tool_tip: "Later",
          },
          {
            action: "mute",
            title: "Mute",
            placement: "contextMenu",
            activation_type: "background",
            after_activation_behavior: "pendingUpdate",
          },
        ],
        content: [
          {
            name: "group",
            children: [
              {
                name: "subgroup",
                attributes: { "hint-weight": 1, "hint-textStacking": "center" },
                children: [{ name: "text", attributes: { "hint-wrap": true }, children: ["52 < 60"] }],
              },
            ],
          },
          { name: "text", children: ["A third line"] },
        ],
      },
    );
    expect(xml).toBe(
      [
        '<toast launch="action=show&amp;id=7" activationType="background" scenario="reminder" duration="long" displayTimestamp="2026-11-20T12:00:00+01:00" useButtonStyle="true">',
        '<visual lang="de-DE"><binding template="ToastGeneric"><text>Uploading</text><text>holiday.zip</text><text>A third line</text>',
        '<text placement="attribution">Via Files</text><image src="https://img.example/a.png"/>',
        '<image placement="appLogoOverride" hint-crop="circle" src="https://img.example/i.png"/>',
        '<progress title="holiday" value="0.6" valueStringOverride="3 of 5" status="Uploading…"/>',
        '<group><subgroup hint-weight="1" hint-textStacking="center"><text hint-wrap="true">52 &lt; 60</text></subgroup></group></binding></visual>',
        '<actions><input id="reply" type="text" title="Reply" placeHolderContent="Type" defaultInput="Hi"/>',
        '<input id="time" type="selection" defaultInput="5"><selection id="5" content="5 minutes"/><selection id="60" content="1 hour"/></input>',
        '<action content="" arguments="snooze" activationType="system" hint-inputId="time" hint-buttonStyle="Success" hint-toolTip="Later"/>',
        '<action content="Mute" arguments="mute" activationType="background" afterActivationBehavior="pendingUpdate" placement="contextMenu"/></actions>',
        '<audio src="ms-appx:///Assets/up.mp3" loop="false"/><header id="files" title="Files" arguments="action=files"/></toast>',
      ].join(""),
    );
    expect(warnings).toEqual([]);
  });
});

describe("what a toast says", () => {
  it.each([
    [{ title: "T" }, ["T"]],
    [{ title: undefined, body: "B" }, ["B"]],
    [{ title: "", body: "B" }, ["B"]],
  ])("%j is %j", async (fields, texts) => {
    expect(all((await toast(fields)).root, "text").map(({ text }) => text)).toEqual(texts);
  });

  it("without title and body there is none", async () => {
    for (const fields of [
      { title: undefined },
      { title: "", body: "" },
      { title: undefined, sound: "Mail" },
    ]) {
      expect(refused(await tryEncode({ fields }))).toMatchObject({
        code: "PAYLOAD_INVALID",
        message: "title: a toast needs a title or a body",
      });
    }
  });

  it("N6 markup in any field stays text", async () => {
    const evil = `"/><audio src='x'/></toast><toast launch="`;
    const { root } = await toast(
      { title: evil, body: evil, url: evil, actions: [{ action: evil, title: evil }] },
      {
        attribution: evil,
        header: { id: evil, title: evil },
        progress: { status: evil, value: 1 },
        lang: evil,
      },
    );
    expect(root.name).toBe("toast");
    expect(root.attributes.launch).toBe(evil);
    expect(all(root, "audio")).toEqual([]);
    expect(all(root, "text").map(({ text }) => text)).toEqual([evil, evil, evil]);
    expect(all(root, "action")[0]?.attributes).toEqual({ content: evil, arguments: evil });
    expect(all(root, "header")[0]?.attributes).toEqual({ id: evil, title: evil, arguments: "" });
    expect(all(root, "progress")[0]?.attributes).toEqual({ status: evil, value: "1" });
  });

  it("characters that XML forbids are left out, and a warning says so", async () => {
    const { root, warnings } = await toast({ title: "a\u0000b\ud800c", data: { text: "\u0001" } });
    expect(all(root, "text")[0]?.text).toBe("abc");
    expect(JSON.parse(root.attributes.launch ?? "")).toEqual({ text: "\u0001" });
    expect(warnings).toEqual([
      { type: "characters_removed", field: null, details: "characters that XML 1.0 forbids were left out" },
    ]);
  });

  it.each([
    [0, "0"],
    [1, "1"],
    [1e-7, "0"],
    [0.123456, "0.1235"],
    ["indeterminate", "indeterminate"],
  ] as const)("progress %s is written %s", async (value, written) => {
    const { root } = await toast({}, { progress: { status: "s", value } });
    expect(all(root, "progress")[0]?.attributes.value).toBe(written);
  });
});
