import type { CheckedFault } from './input/read-fault.ts';

/** What a fault can recognise a request by. */
export interface FaultSubject {
  readonly endpoint: string;
  readonly method: string;
  /** The path as it was sent, without the query. */
  readonly path: string;
  /** Finds out whose request it is; only asked when a fault wants to know. */
  clientId(): string | undefined;
}

interface ActiveFault {
  readonly fault: CheckedFault;
  seen: number;
  hits: number;
}

/** The faults that were added and not removed, oldest first. */
export class FaultList {
  readonly #faults = new Map<string, ActiveFault>();
  #lastId = 0;

  /** Adds a fault; it counts requests from now on. */
  add(fault: CheckedFault): { readonly id: string; hits(): number } {
    this.#lastId += 1;
    const id = `fault-${this.#lastId}`;
    const active: ActiveFault = { fault, seen: 0, hits: 0 };
    this.#faults.set(id, active);
    return { id, hits: () => active.hits };
  }

  /** Ends a fault and tells how often it was hit; an id that is not known (any more) is harmless. */
  remove(id: string): number {
    const hits = this.#faults.get(id)?.hits ?? 0;
    this.#faults.delete(id);
    return hits;
  }

  /** The faults that are there, oldest first, with how often each was hit. */
  list(): { readonly id: string; readonly fault: CheckedFault; readonly hits: number }[] {
    return Array.from(this.#faults, ([id, { fault, hits }]) => ({ id, fault, hits }));
  }

  /** Ends all faults. */
  clear(): void {
    this.#faults.clear();
  }

  /** Whether some fault is on exactly this method and path. */
  names(on: string): boolean {
    for (const { fault } of this.#faults.values()) if (fault.on === on) return true;
    return false;
  }

  /** Counts the request for every fault that describes it, and returns the oldest one that is due. */
  take(subject: FaultSubject): CheckedFault | undefined {
    let taken: ActiveFault | undefined;
    for (const active of this.#faults.values()) {
      if (!describes(active.fault, subject)) continue;
      active.seen += 1;
      if (active.seen >= active.fault.nth && active.hits < active.fault.times) taken ??= active;
    }
    if (taken !== undefined) taken.hits += 1;
    return taken?.fault;
  }
}

function describes(fault: CheckedFault, subject: FaultSubject): boolean {
  const isHere = fault.on === subject.endpoint || fault.on === `${subject.method} ${subject.path}`;
  return isHere && (fault.clientId === undefined || fault.clientId === subject.clientId());
}
