interface Stoppable {
  stop(reason: "aborted"): void;
}

/**
 * One listener per signal, however many calls share it: Node warns of a leak from the eleventh on, and a thousand sends
 * under one signal are no leak.
 */
export class Aborts {
  private readonly groups = new WeakMap<
    AbortSignal,
    { readonly calls: Set<Stoppable>; readonly listener: () => void }
  >();

  add(signal: AbortSignal, call: Stoppable): void {
    const group = this.groups.get(signal) ?? this.open(signal);
    group.calls.add(call);
  }

  remove(signal: AbortSignal, call: Stoppable): void {
    const group = this.groups.get(signal);
    if (!group?.calls.delete(call) || group.calls.size > 0) return;
    signal.removeEventListener("abort", group.listener);
    this.groups.delete(signal);
  }

  private open(signal: AbortSignal) {
    const calls = new Set<Stoppable>();
    const listener = () => {
      for (const call of calls) call.stop("aborted");
    };
    const group = { calls, listener };
    this.groups.set(signal, group);
    signal.addEventListener("abort", listener, { once: true });
    return group;
  }
}
