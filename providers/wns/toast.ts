import { isRejection, type Rejection, type ResultWarning, reject, warning } from "../../src/provider_kit.js";
import { imageSource, opensByProtocol, resolveLaunch, type WnsFields } from "./fields.js";
import type { WnsAction, WnsInput } from "./options.js";
import { type Audio, isLooping, resolveSound } from "./sound.js";
import { element, type XmlElement } from "./xml.js";

const MAX_ACTIONS = 5;

/**
 * An adaptive toast (`ToastGeneric`):
 * https://learn.microsoft.com/windows/apps/develop/notifications/app-notifications/adaptive-interactive-toasts
 */
export function buildToast(fields: WnsFields, warnings: ResultWarning[]): XmlElement | Rejection {
  const { title, body, options } = fields;
  if (!title && !body && !options.content?.length) {
    return reject("PAYLOAD_INVALID", "title: a toast needs a title or a body");
  }
  const launch = resolveLaunch(fields, warnings);
  if (isRejection(launch)) return launch;
  const audio = resolveSound(fields, warnings);
  const actions = firstActions(fields, warnings);
  const attributes = {
    launch: launch.launch,
    activationType: options.activation_type ?? (launch.by_protocol ? "protocol" : undefined),
    scenario: options.scenario ?? (fields.priority === "critical" ? "urgent" : undefined),
    duration: options.duration ?? (audio && isLooping(audio) ? "long" : undefined),
    displayTimestamp: options.display_timestamp ?? isoTime(fields.created_at_ms),
    useButtonStyle: actions.some(({ button_style }) => button_style) || undefined,
  };
  return element("toast", attributes, [
    element("visual", { lang: options.lang }, [binding(fields, warnings)]),
    actionsElement(options.inputs, actions, warnings),
    audio && audioElement(audio),
    header(fields),
  ]);
}

/** Texts come first: Windows may drop one that stands after anything else. */
function binding(fields: WnsFields, warnings: ResultWarning[]): XmlElement {
  const { title, body, options } = fields;
  const { image_placement: placement = "hero", progress, content = [] } = options;
  const image = imageSource(fields.image, "image", warnings);
  const icon = imageSource(fields.icon, "icon", warnings);
  if (placement !== "hero" && placement !== "inline") {
    const details = 'the image of a toast is "hero" or "inline"; it is inline';
    warnings.push(warning("unsupported_field", "platform_data.wns.image_placement", details));
  }
  return element("binding", { template: "ToastGeneric" }, [
    text(title),
    text(body),
    ...content.filter(({ name }) => name === "text"),
    options.attribution && element("text", { placement: "attribution" }, [options.attribution]),
    image && element("image", { placement: placement === "hero" ? "hero" : undefined, src: image }),
    icon && element("image", { placement: "appLogoOverride", "hint-crop": options.icon_crop, src: icon }),
    progress &&
      element("progress", {
        title: progress.title,
        // Nobody can see more, and a small number would be written as 1e-7.
        value: progress.value === "indeterminate" ? progress.value : Number(progress.value.toFixed(4)),
        valueStringOverride: progress.value_text,
        status: progress.status,
      }),
    ...content.filter(({ name }) => name !== "text"),
  ]);
}

function text(content: string | undefined): XmlElement | undefined {
  return content ? element("text", {}, [content]) : undefined;
}

function firstActions({ actions = [] }: WnsFields, warnings: ResultWarning[]): readonly WnsAction[] {
  if (actions.length > MAX_ACTIONS) {
    const details = `a toast has at most ${MAX_ACTIONS} actions; the others were left out`;
    warnings.push(warning("unsupported_field", "actions", details));
  }
  return actions.slice(0, MAX_ACTIONS);
}

function actionsElement(
  inputs: readonly WnsInput[] = [],
  actions: readonly WnsAction[],
  warnings: ResultWarning[],
): XmlElement | undefined {
  if (inputs.length + actions.length === 0) return undefined;
  const buttons = actions.map((given, index) =>
    action(given, imageSource(given.icon, `actions.${index}.icon`, warnings)),
  );
  return element("actions", {}, [...inputs.map(input), ...buttons]);
}

function input(given: WnsInput): XmlElement {
  const { id, type, title, placeholder, default: defaultInput, selections = [] } = given;
  return element(
    "input",
    { id, type, title, placeHolderContent: placeholder, defaultInput },
    selections.map((selection) => element("selection", { id: selection.id, content: selection.content })),
  );
}

function action(given: WnsAction, icon: string | undefined): XmlElement {
  return element("action", {
    content: given.title,
    arguments: given.url ?? given.action,
    activationType: given.activation_type ?? (opensByProtocol(given.url) ? "protocol" : undefined),
    afterActivationBehavior: given.after_activation_behavior,
    placement: given.placement,
    imageUri: icon,
    "hint-inputId": given.input_id,
    "hint-buttonStyle": given.button_style,
    "hint-toolTip": given.tool_tip,
  });
}

function audioElement({ src, loop, silent }: Audio): XmlElement {
  return element("audio", { src, loop, silent });
}

function header({ options }: WnsFields): XmlElement | undefined {
  if (!options.header) return undefined;
  const { id, title, arguments: given = "" } = options.header;
  return element("header", { id, title, arguments: given });
}

function isoTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
