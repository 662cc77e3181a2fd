// npm run demo: every provider at work, without an account, a network or a key file. Each push service is a strict
// emulator, or a simulation, inside this process. Ends with 1 when anything is not as expected.
import { showApns } from "./demo/apns.mjs";
import { showFcm } from "./demo/fcm.mjs";
import { Screen } from "./demo/screen.mjs";
import { showSimulation } from "./demo/simulation.mjs";
import { showWebPush } from "./demo/web_push.mjs";
import { showWns } from "./demo/wns.mjs";

/** One entry for each platform. */
const SHOWS = [showWebPush, showFcm, showApns, showWns, showSimulation];

const screen = new Screen(process.stdout);
for (const show of SHOWS) await show(screen);
screen.close();
