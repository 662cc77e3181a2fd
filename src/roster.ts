/** Somebody who may stand in one roster at a time. */
export interface Member<M> {
  before: M | undefined;
  after: M | undefined;
}

/**
 * Who is here now, in the order of coming. Not a Set: where members come and go by the thousand, a Set makes a new table
 * every hundred of them, each old table still names the new one and whoever was in it, and so nearly everybody outlives
 * the collector's young generation.
 */
export class Roster<M extends Member<M>> {
  first: M | undefined;
  private last: M | undefined;

  add(member: M): void {
    member.before = this.last;
    if (this.last) this.last.after = member;
    else this.first = member;
    this.last = member;
  }

  /** To be called once for each who was added. */
  remove(member: M): void {
    const { before, after } = member;
    if (before) before.after = after;
    else this.first = after;
    if (after) after.before = before;
    else this.last = before;
    // One that is gone must lead to nobody who is not.
    member.before = undefined;
    member.after = undefined;
  }

  /** A copy: members may come and go meanwhile. */
  all(): M[] {
    const members: M[] = [];
    for (let member = this.first; member; member = member.after) members.push(member);
    return members;
  }
}
