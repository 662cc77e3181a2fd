import { isRejection, type Rejection, type ResultWarning, reject, warning } from "../../src/provider_kit.js";
import { imageSource, resolveLaunch, type WnsFields } from "./fields.js";
import { type BadgeGlyph, GLYPHS } from "./options.js";
import { element, type XmlElement } from "./xml.js";

const TEMPLATES = { small: "TileSmall", medium: "TileMedium", wide: "TileWide", large: "TileLarge" } as const;

/** An adaptive tile: https://learn.microsoft.com/windows/apps/develop/notifications/tiles/adaptive-tiles-schema */
export function buildTile(fields: WnsFields, warnings: ResultWarning[]): XmlElement | Rejection {
  const { title, body, options } = fields;
  const { tile_sizes = ["medium", "wide", "large"], content = [] } = options;
  const image = tileImage(fields, warnings);
  const inside = [
    title && element("text", { "hint-style": "caption" }, [title]),
    body && element("text", { "hint-style": "captionSubtle", "hint-wrap": true }, [body]),
    image,
    ...content,
  ];
  if (!inside.some(Boolean)) {
    return reject("PAYLOAD_INVALID", "title: a tile needs a title, a body or an image");
  }
  const launch = resolveLaunch(fields, warnings);
  if (isRejection(launch)) return launch;
  const { branding, display_name, lang } = options;
  return element("tile", {}, [
    element(
      "visual",
      { branding, displayName: display_name, lang, arguments: launch.launch },
      tile_sizes.map((size) => element("binding", { template: TEMPLATES[size] }, inside)),
    ),
  ]);
}

/** https://learn.microsoft.com/windows/apps/develop/notifications/badges */
export function buildBadge({ badge }: WnsFields): XmlElement | Rejection {
  if (typeof badge === "number" || isGlyph(badge)) return element("badge", { value: badge });
  return reject(
    "PAYLOAD_INVALID",
    `badge: a badge notification needs a number or a glyph, one of ${GLYPHS.join(", ")}`,
  );
}

export function isGlyph(badge: unknown): badge is BadgeGlyph {
  return (GLYPHS as readonly unknown[]).includes(badge);
}

function tileImage(fields: WnsFields, warnings: ResultWarning[]): XmlElement | undefined {
  const { image_placement: placement = "peek" } = fields.options;
  const src = imageSource(fields.image, "image", warnings);
  if (placement === "hero") {
    const details = 'the image of a tile is "peek", "background" or "inline"; it is inline';
    warnings.push(warning("unsupported_field", "platform_data.wns.image_placement", details));
  }
  const is_special = placement === "peek" || placement === "background";
  return src ? element("image", { placement: is_special ? placement : undefined, src }) : undefined;
}
