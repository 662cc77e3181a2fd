import { afterAll, beforeAll, expect, it } from "vitest";
import type { WebPushConfig, WebPushProvider } from "../../providers/web_push/index.js";
import { getPushProvider } from "../../src/index.js";
import { startDesktop } from "./desktop.js";
import type { BrowserPushService, Desktop, Person, RealBrowser } from "./real_browser.js";

interface StageSite {
  /** `http://localhost:<port>`. */
  readonly origin: string;
  close(): Promise<void>;
}

/** What the tests of the library in a browser stand on; it is there once `beforeAll` has run. */
export interface Stage<Site extends StageSite> {
  readonly browser: RealBrowser;
  readonly push: BrowserPushService;
  readonly site: Site;
  /** May be shown notifications by every site. */
  readonly person: Person;
  /** Sends with the keys that the site's pages subscribe with. */
  readonly provider: WebPushProvider;
  /** With `dbus_daemon`. */
  readonly desktop: Desktop | undefined;
  /** Another sender. */
  open(config?: WebPushConfig): Promise<WebPushProvider>;
  /**
   * The site under a name that nobody has visited: with no worker, no subscription and no storage there, it is for the
   * site as if somebody came with another browser, and costs no browser.
   */
  newOrigin(): string;
  /** Somebody with a browser of their own; closed with the stage. */
  newPerson(permission: "granted" | "denied"): Promise<Person>;
}

export interface StageOptions<Site extends StageSite> {
  readonly browser: RealBrowser;
  readonly startSite: (vapid_public_key: string) => Promise<Site>;
  /** Its path, when notifications are to be shown on a desktop. */
  readonly dbus_daemon?: string | undefined;
}

export function useStage<Site extends StageSite>(options: StageOptions<Site>): () => Stage<Site> {
  const { browser, startSite, dbus_daemon } = options;
  const opened: { close(): Promise<unknown> }[] = [];
  let stage: Stage<Site> | undefined;
  let origins = 0;

  async function keep<One extends { close(): Promise<unknown> }>(starting: Promise<One>): Promise<One> {
    const one = await starting;
    opened.push(one);
    return one;
  }

  beforeAll(async () => {
    const push = await keep(browser.startPushService());
    const site = await keep(startSite(push.service.config.vapid_public_key));
    const desktop = dbus_daemon ? await keep(startDesktop(dbus_daemon)) : undefined;
    const open = (config: WebPushConfig = {}) => getPushProvider("web_push", { ...push.config, ...config });
    const newPerson = (permission: "granted" | "denied") =>
      keep(browser.launch({ push, origin: site.origin, permission, desktop }));
    stage = {
      ...{ browser, push, site, desktop, open, newPerson },
      person: await newPerson("granted"),
      provider: await keep(open()),
      newOrigin: () => site.origin.replace("//", `//visitor-${++origins}.`),
    };
  });

  afterAll(() => Promise.all(opened.splice(0).map((one) => one.close())));

  return () => {
    if (!stage) throw new Error("there is no stage before beforeAll");
    return stage;
  };
}

/** To be promised last. */
export function promiseOfAgreement(stage: () => Stage<StageSite>): void {
  it("in all of this the browser and the push service never disagreed", () => {
    expect(stage().push.complaints).toEqual([]);
  });
}
