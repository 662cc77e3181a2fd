import type { Io } from "./io.js";
import { number, type Tally } from "./tally.js";

const BAR_WIDTH = 24;
const REDRAW_MS = 100;
const LINE_MS = 5000;

export interface Progress {
  /** A line of its own, above the bar. */
  say(text: string): void;
  end(): void;
}

/** On a terminal one line that is drawn again and again; elsewhere a line each five seconds. */
export function startProgress(
  { stderr }: Pick<Io, "stderr">,
  tally: Tally,
  total: number | undefined,
): Progress {
  const live = stderr.isTTY === true && process.env.TERM !== "dumb";
  const clear = live ? "\r\x1b[K" : "";
  const show = () => {
    const text = progressText(tally, total, live);
    stderr.write(live ? clear + text.slice(0, (stderr.columns ?? 80) - 1) : `${text}\n`);
  };
  const timer = setInterval(show, live ? REDRAW_MS : LINE_MS);
  return {
    say: (text) => stderr.write(`${clear}${text}\n`),
    end() {
      clearInterval(timer);
      stderr.write(clear);
    },
  };
}

/** How far, how many failed, how fast, how long it will take. */
export function progressText(
  { done, failed, before, per_second }: Pick<Tally, "done" | "failed" | "before" | "per_second">,
  total: number | undefined,
  with_bar: boolean,
): string {
  const parts = [
    total === undefined ? number(done) : `${number(done)} of ${number(total)}`,
    ...(failed > 0 ? [`${number(failed)} failed`] : []),
    `${number(per_second)} per second`,
  ];
  // Nothing can be foretold before anything was answered.
  if (total !== undefined && done > before) parts.push(`${duration((total - done) / per_second)} left`);
  const share = total === undefined || total === 0 ? undefined : Math.min(1, done / total);
  if (!with_bar || share === undefined) return parts.join(", ");
  const filled = Math.round(share * BAR_WIDTH);
  return `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)} ${parts.join(", ")}`;
}

function duration(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
