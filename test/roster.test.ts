import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Member, Roster } from "../src/roster.js";

class Guest implements Member<Guest> {
  before: Guest | undefined;
  after: Guest | undefined;
  constructor(readonly name: number) {}
}

describe("a roster", () => {
  it("names who is there in the order of coming, whoever leaves in between", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 9 }), { maxLength: 60 }), (moves) => {
        const roster = new Roster<Guest>();
        const there: Guest[] = [];
        for (const [i, move] of moves.entries()) {
          const [leaving] = move < 5 ? [] : there.splice(move % Math.max(1, there.length), 1);
          if (leaving) roster.remove(leaving);
          else {
            const guest = new Guest(i);
            roster.add(guest);
            there.push(guest);
          }
          expect(roster.all().map(({ name }) => name)).toEqual(there.map(({ name }) => name));
          expect(roster.first).toBe(there[0]);
        }
      }),
    );
  });

  it("who has left leads to nobody, and may come again", () => {
    const roster = new Roster<Guest>();
    const [a, b, c] = [new Guest(1), new Guest(2), new Guest(3)];
    for (const guest of [a, b, c]) roster.add(guest);
    for (const guest of [b, c, a]) roster.remove(guest);
    for (const guest of [a, b, c]) expect([guest.before, guest.after]).toEqual([undefined, undefined]);
    for (const guest of [c, a]) roster.add(guest);
    expect(roster.all()).toEqual([c, a]);
  });
});
