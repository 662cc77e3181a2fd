// Two mistakes on purpose: the test must see exactly these, or it sees nothing.
import { getPushProvider } from "pushmux";

export const promise: number = getPushProvider("simulation");
// @ts-expect-error nothing is wrong here
export const fine = getPushProvider("simulation");
