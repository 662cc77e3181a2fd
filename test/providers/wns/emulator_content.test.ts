import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseXml, XmlError } from "../../../providers/wns/emulator_xml.js";
import { startWnsService, type WnsService } from "../../../src/testing/index.js";
import { goodPush, send } from "./emulator_push.js";

let service: WnsService;
beforeAll(async () => {
  service = await startWnsService();
});
afterAll(() => service.close());

/** X-WNS-Error-Description without what all of them begin with; `undefined` when the payload is taken. */
async function problemOf(type: string, body: string | Buffer): Promise<string | undefined> {
  const device = service.createDevice();
  const push = { ...goodPush(service, device, type), body: Buffer.from(body) };
  const { status, headers } = await send(service, push);
  expect(device.received).toHaveLength(status === 200 ? 1 : 0);
  if (status === 200) return undefined;
  expect([status, headers["x-wns-status"]]).toEqual([400, "dropped"]);
  const description = String(headers["x-wns-error-description"]);
  expect(service.received.at(-1)?.text).toBe(type === "raw" ? undefined : Buffer.from(body).toString());
  expect(service.received.at(-1)?.problem).toBe(description.split("is not valid: ")[1]);
  const start = "The notification payload is not valid: ";
  expect(description.slice(0, start.length)).toBe(start);
  return description.slice(start.length);
}

const toast = (inside: string, attributes = "") =>
  `<toast${attributes}><visual><binding template="ToastGeneric">${inside}</binding></visual></toast>`;
const beside = (more: string) =>
  `<toast><visual><binding template="ToastGeneric"><text>a</text></binding></visual>${more}</toast>`;

describe("XML that is not well formed is refused:", () => {
  it.each<[title: string, body: string, problem: string]>([
    ["no XML at all", "hello", "it has text outside of its root element"],
    ["nothing", "", "it has no root element"],
    ["only a comment", "<!-- a -->", "it has no root element"],
    ["an element that is not ended", "<toast><visual>", "<visual> is not ended"],
    ["elements that overlap", "<toast><visual></toast></visual>", "</toast> ends no element that is open"],
    ["an end without a start", "</toast>", "</toast> ends no element that is open"],
    ["another letter case at the end", "<toast></Toast>", "</Toast> ends no element that is open"],
    ["two roots", "<toast/><toast/>", "it has two root elements"],
    ["text after the root", "<toast/>x", "it has text outside of its root element"],
    ["CDATA after the root", "<toast/><![CDATA[ ]]>", "it has text outside of its root element"],
    ["an attribute without quotes", "<toast launch=a/>", "it is not well formed from character 1 on"],
    ["an attribute without a value", "<toast launch/>", "it is not well formed from character 1 on"],
    [
      "attributes without a space between them",
      '<toast a="1"b="2"/>',
      "it is not well formed from character 1 on",
    ],
    ["the same attribute twice", '<toast a="1" a="2"/>', "<toast> has the attribute a twice"],
    ["< in an attribute", '<toast a="<"/>', "it is not well formed from character 1 on"],
    ["quotes that do not fit", `<toast a="1'/>`, "it is not well formed from character 1 on"],
    ["< in a text", toast("<text>1 < 2</text>"), "it is not well formed from character 57 on"],
    ["& in a text", toast("<text>R&D</text>"), "it has a & that begins no reference"],
    ["& in an attribute", '<toast launch="a=1&b=2"/>', "it has a & that begins no reference"],
    ["an entity of HTML", toast("<text>a&nbsp;b</text>"), "it has a & that begins no reference"],
    [
      "an entity named as JavaScript's own",
      toast("<text>&constructor;</text>"),
      "it has a & that begins no reference",
    ],
    ["an entity without its end", toast("<text>a &amp b</text>"), "it has a & that begins no reference"],
    ["a reference to U+0000", toast("<text>&#0;</text>"), "it has a & that begins no reference"],
    [
      "a reference to half a character",
      toast("<text>&#xD800;</text>"),
      "it has a & that begins no reference",
    ],
    ["a reference beyond Unicode", toast("<text>&#x110000;</text>"), "it has a & that begins no reference"],
    ["]]> in a text", toast("<text>]]></text>"), "it has ]]> in a text"],
    ["a control character", toast("<text>a\u0007</text>"), "it contains U+0007, which XML 1.0 forbids"],
    ["U+FFFE", toast("<text>\uFFFE</text>"), "it contains U+FFFE, which XML 1.0 forbids"],
    ["a document type", "<!DOCTYPE toast><toast/>", "it is not well formed from character 1 on"],
    ["a comment with --", "<toast><!-- a -- b --></toast>", "it is not well formed from character 8 on"],
    ["a name that begins with a digit", "<1toast/>", "it is not well formed from character 1 on"],
    ["a space before a name", "< toast/>", "it is not well formed from character 1 on"],
    [
      "a declaration that is not at the start",
      ' <?xml version="1.0"?><toast/>',
      "it is not well formed from character 2 on",
    ],
    ["a declaration without its version", "<?xml?><toast/>", "it is not well formed from character 1 on"],
    [
      "a declaration of another encoding",
      '<?xml version="1.0" encoding="utf-16"?><toast/>',
      "it says that its encoding is utf-16",
    ],
  ])("%s", async (_title, body, problem) => {
    expect(await problemOf("toast", body)).toBe(problem);
  });

  it("bytes that are not UTF-8", async () => {
    const device = service.createDevice();
    const push = { ...goodPush(service, device), body: Buffer.from(toast("<text>\xFC</text>"), "latin1") };
    const { status, headers } = await send(service, push);
    expect([status, headers["x-wns-error-description"]]).toEqual([
      400,
      "The notification payload is not valid: it is not UTF-8",
    ]);
    expect(service.received.at(-1)?.text).toBeUndefined();
  });
});

it("a payload that is far too large is refused for that, and not parsed", async () => {
  const device = service.createDevice();
  const body = `<toast ${'a="1" '.repeat(1_000_000)}/>`;
  expect((await send(service, goodPush(service, device, "toast", body))).status).toBe(413);
  expect(service.received.at(-1)).toMatchObject({ status: 413, text: body });
  expect(service.received.at(-1)?.xml).toBeUndefined();
});

describe("what is well formed", () => {
  it.each<[title: string, xml: string, text: string]>([
    [
      "a declaration and a byte order mark",
      `\uFEFF<?xml version='1.0' encoding="UTF-8" standalone="yes"?>\n<a>x</a>\n`,
      "x",
    ],
    [
      "comments, instructions and CDATA",
      "<?a b?><!----><a>1<!-- - < & -->2<![CDATA[<&]]]]><?c?>3</a><!--d-->",
      "12<&]]3",
    ],
    ["every reference", "<a>&amp;&lt;&gt;&quot;&apos;&#65;&#x1F600;&#9;</a>", "&<>\"'A😀\t"],
    ["> in a text", "<a>1 > 2</a>", "1 > 2"],
    ["]]> in an attribute", '<a b="]]>">x</a>', "x"],
    ["the ends of lines of Windows", "<a>1\r\n2\r3</a>", "1\n2\n3"],
    ["what lies beyond the first plane", "<a>𝒳漢</a>", "𝒳漢"],
    ["spaces where they may be", "<a\n b = '1'\t>x</a >", "x"],
  ])("may have %s", (_title, xml, text) => {
    const root = parseXml(new TextDecoder().decode(Buffer.from(xml)));
    expect([root.name, root.children.join("")]).toEqual(["a", text]);
  });

  it("is read as a tree", () => {
    const tree = parseXml(`<t launch='say "hi"' b="a&#38;\n>b" ü="1"><x/>one<y z=""><x></x></y> </t>`);
    expect(tree).toEqual({
      name: "t",
      attributes: { launch: 'say "hi"', b: "a& >b", ü: "1" },
      children: [
        { name: "x", attributes: {}, children: [] },
        "one",
        { name: "y", attributes: { z: "" }, children: [{ name: "x", attributes: {}, children: [] }] },
        " ",
      ],
    });
  });

  it("stays so as deep and as long as a payload can be", () => {
    const deep = "<a>".repeat(700) + "</a>".repeat(700);
    expect(() => parseXml(deep)).not.toThrow();
    expect(() => parseXml(`<a>${"<!-- -->".repeat(600)}</a>`)).not.toThrow();
    expect(() => parseXml(`<a ${"x".repeat(4900)}`)).toThrow(XmlError);
  });
});

describe("content that no device shows is refused:", () => {
  it.each<[type: string, body: string, problem: string]>([
    ["toast", "<toast/>", "<toast> has no visual"],
    ["toast", '<toast visual="1"/>', "<toast> has no visual"],
    ["toast", "<toast><visual/></toast>", "<visual> has no binding"],
    ["toast", "<toast><visual><binding/></visual></toast>", "<binding> has no template"],
    [
      "toast",
      '<toast><visual><binding template="TileMedium"/></visual></toast>',
      "<binding> has a wrong template",
    ],
    ["toast", toast("<Text>a</Text>"), "<binding> has <Text> in it"],
    ["toast", toast("<constructor/>"), "<binding> has <constructor> in it"],
    ["toast", toast("hello"), "<binding> has text in it"],
    ["toast", toast("<text>1</text>".repeat(4)), "<binding> has more than 3 <text> in it"],
    ["toast", toast('<text placement="Attribution">a</text>'), "<text> has a wrong placement"],
    ["toast", toast('<text hint-style="big">a</text>'), "<text> has a wrong hint-style"],
    ["toast", toast("<text><b>a</b></text>"), "<text> has <b> in it"],
    ["toast", toast("<image/>"), "<image> has no src"],
    ["toast", toast('<image src="" hint-crop="round"/>'), "<image> has a wrong hint-crop"],
    ["toast", toast("<group/>"), "<group> has no subgroup"],
    [
      "toast",
      toast('<group><subgroup hint-textStacking="left"/></group>'),
      "<subgroup> has a wrong hint-textStacking",
    ],
    ["toast", toast('<progress value="0.5"/>'), "<progress> has no status"],
    ["toast", toast('<progress value="1.5" status="a"/>'), "<progress> has a wrong value"],
    ["toast", toast('<progress value="{v}" status="a"/>'), "<progress> has a wrong value"],
    ["toast", toast("", ' duration="medium"'), "<toast> has a wrong duration"],
    ["toast", toast("", ' scenario="Alarm"'), "<toast> has a wrong scenario"],
    ["toast", toast("", ' displayTimestamp="today"'), "<toast> has a wrong displayTimestamp"],
    ["toast", toast("", ' activationType="system"'), "<toast> has a wrong activationType"],
    ["toast", toast("", ' useButtonStyle="True"'), "<toast> has a wrong useButtonStyle"],
    ["toast", beside('<audio src="http://localhost/a.mp3"/>'), "<audio> has a wrong src"],
    ["toast", beside('<header id="1" title="a"/>'), "<header> has no arguments"],
    ["toast", beside("<actions/><actions/>"), "<toast> has more than 1 <actions> in it"],
    ["toast", beside('<actions><action content="a"/></actions>'), "<action> has no arguments"],
    [
      "toast",
      beside(`<actions>${'<action content="a" arguments="a"/>'.repeat(6)}</actions>`),
      "<actions> has more than 5 <action> in it",
    ],
    [
      "toast",
      beside('<actions><action content="a" arguments="a" activationType="url"/></actions>'),
      "<action> has a wrong activationType",
    ],
    [
      "toast",
      beside('<actions><action content="a" arguments="a" hint-buttonStyle="success"/></actions>'),
      "<action> has a wrong hint-buttonStyle",
    ],
    ["toast", beside('<actions><input type="text"/></actions>'), "<input> has no id"],
    ["toast", beside('<actions><input id="a" type="number"/></actions>'), "<input> has a wrong type"],
    [
      "toast",
      beside(
        `<actions><input id="a" type="selection">${'<selection id="a" content="a"/>'.repeat(6)}</input></actions>`,
      ),
      "<input> has more than 5 <selection> in it",
    ],
    [
      "toast",
      beside('<actions><input id="a" type="selection"><selection id="a"/></input></actions>'),
      "<selection> has no content",
    ],
    ["tile", "<tile><visual/></tile>", "<visual> has no binding"],
    [
      "tile",
      '<tile><visual><binding template="ToastGeneric"/></visual></tile>',
      "<binding> has a wrong template",
    ],
    ["tile", "<tile><visual/><actions/></tile>", "<tile> has <actions> in it"],
    ["badge", "<badge/>", "<badge> has no value"],
    ["badge", '<badge value="-1"/>', "<badge> has a wrong value"],
    ["badge", '<badge value="1.5"/>', "<badge> has a wrong value"],
    ["badge", '<badge value=""/>', "<badge> has a wrong value"],
    ["badge", '<badge value="NewMessage"/>', "<badge> has a wrong value"],
    ["badge", '<badge value="toString"/>', "<badge> has a wrong value"],
    ["badge", '<badge value="1"><text>a</text></badge>', "<badge> has <text> in it"],
  ])("%s %s", async (type, body, problem) => {
    expect(await problemOf(type, body)).toBe(problem);
  });

  it("N6 what was put into a badge's value unescaped", async () => {
    const value = '1"/><badge value="2';
    expect(await problemOf("badge", `<badge value="${value}"/>`)).toBe("it has two root elements");
  });
});

describe("content that a device shows is taken:", () => {
  const everything = `<toast launch="a" duration="long" displayTimestamp="2026-11-20T10:00:00Z" scenario="reminder" activationType="protocol" useButtonStyle="true">
    <visual lang="de" baseUri="https://localhost/" addImageQuery="true"><binding template="ToastGeneric" lang="de">
      <text hint-maxLines="1">1</text><text hint-style="captionSubtle" hint-wrap="true" hint-align="center">2</text><text>3</text><text placement="attribution">via SMS</text>
      <image src="https://localhost/a.png" placement="appLogoOverride" hint-crop="circle" alt="a"/><image placement="hero" src="ms-appx:///a.png"/>
      <group><subgroup hint-weight="2" hint-textStacking="center"><text>4</text><image src="b.png" hint-removeMargin="true" hint-align="stretch"/></subgroup></group>
      <progress title="a" value="0.6" valueStringOverride="6 of 10" status="b"/><progress value="indeterminate" status="c"/>
    </binding></visual>
    <audio src="ms-winsoundevent:Notification.Looping.Alarm2" loop="true" silent="false"/>
    <header id="1" title="a" arguments="b" activationType="foreground"/>
    <actions><input id="a" type="text" placeHolderContent="b" title="c"/><input id="b" type="selection" defaultInput="1"><selection id="1" content="c"/></input>
      <action content="a" arguments="snooze" activationType="system" hint-inputId="b"/><action content="b" arguments="c" placement="contextMenu" hint-buttonStyle="Critical" afterActivationBehavior="pendingUpdate"/></actions>
  </toast>`;

  it.each<[title: string, type: string, body: string]>([
    ["all that a toast can have", "toast", everything],
    [
      "a toast of Windows 8",
      "toast",
      '<toast><visual version="1"><binding template="ToastImageAndText04"><image id="1" src="a" alt=""/><text id="1">a</text><text id="2">b</text><text id="3">c</text></binding></visual></toast>',
    ],
    ["an attribute that nobody knows", "toast", toast("<text>a</text>", ' future="1"')],
    [
      "two sizes of tile",
      "tile",
      '<tile><visual branding="name"><binding template="TileMedium"><text>a</text></binding><binding template="TileWide"><image src="a" placement="peek"/><group><subgroup><text>a</text></subgroup></group></binding></visual></tile>',
    ],
    [
      "a tile of Windows 8",
      "tile",
      `<tile><visual><binding template="TileWideText10">${"<text>a</text>".repeat(9)}</binding></visual></tile>`,
    ],
    ...["0", "99", "100", "none", "newMessage", "alarm", "attention"].map(
      (value): [string, string, string] => [
        `badge ${value}`,
        "badge",
        `<badge value="${value}" version="1"/>`,
      ],
    ),
  ])("%s", async (_title, type, body) => {
    expect(await problemOf(type, body)).toBeUndefined();
  });

  it("its lines and its tree are in received", async () => {
    const device = service.createDevice();
    await send(service, goodPush(service, device, "toast", everything));
    expect(device.received[0]?.lines).toEqual(["1", "2", "3", "via SMS", "4"]);
    expect(device.received[0]?.xml?.attributes).toMatchObject({ launch: "a", scenario: "reminder" });
  });
});
