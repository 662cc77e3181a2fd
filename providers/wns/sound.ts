import { type ResultWarning, warning } from "../../src/provider_kit.js";
import type { WnsFields } from "./fields.js";

/** What the `audio` element of a toast says. */
export interface Audio {
  readonly src?: string | undefined;
  readonly loop?: boolean | undefined;
  readonly silent?: boolean | undefined;
}

/**
 * The toast's sound: `audio` of the options, else `silent`, else `sound`. A sound is one of Windows' own by its name
 * (`Mail`, `Looping.Call2`, with or without `ms-winsoundevent:Notification.`), or a file of the app
 * (`ms-appx:///Assets/chime.mp3`). Another system's file name is no sound here.
 *
 * https://learn.microsoft.com/uwp/schemas/tiles/toastschema/element-audio
 */
export function resolveSound(
  { options, sound, silent }: WnsFields,
  warnings: ResultWarning[],
): Audio | undefined {
  if (options.audio)
    return withLoop({ ...options.audio, src: options.audio.src && sourceOf(options.audio.src) });
  if (silent) {
    if (sound !== undefined)
      warnings.push(warning("unsupported_field", "sound", "a silent toast plays none"));
    return { silent: true };
  }
  if (sound === undefined) return undefined;
  const src = sourceOf(sound);
  if (/^ms-\w+:/.test(src)) return withLoop({ src });
  const details = `Windows has no sound of this name and plays its own; its sounds: ${NAMES.join(", ")}`;
  warnings.push(warning("unsupported_field", "sound", details));
  return undefined;
}

/** These are made to be repeated, and only a long toast may. */
export function isLooping({ src, loop }: Audio): boolean {
  return loop ?? src?.startsWith(`${EVENT}Looping.`) ?? false;
}

const EVENT = "ms-winsoundevent:Notification.";
const numbered = (name: string) => Array.from({ length: 10 }, (_, i) => (i === 0 ? name : `${name}${i + 1}`));
const NAMES = [
  ...["Default", "IM", "Mail", "Reminder", "SMS"],
  ...numbered("Looping.Alarm"),
  ...numbered("Looping.Call"),
];

function sourceOf(sound: string): string {
  const wanted = sound.replace(/^(?:ms-winsoundevent:)?Notification\./i, "").toLowerCase();
  const name = NAMES.find((candidate) => candidate.toLowerCase() === wanted);
  return name ? `${EVENT}${name}` : sound;
}

function withLoop(audio: Audio): Audio {
  return isLooping(audio) ? { ...audio, loop: true } : audio;
}
