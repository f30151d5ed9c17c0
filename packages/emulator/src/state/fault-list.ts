import type { Fault, FaultSummary } from './fault.ts';

/** What a fault can recognise a request by. */
export interface FaultSubject {
  readonly endpoint: string;
  readonly method: string;
  /** The path as it was sent, without the query. */
  readonly path: string;
  /** Finds out whose request it is; only asked when a fault wants to know. */
  clientId(): string | undefined;
}

/** A fault that was added. */
export interface ActiveFault {
  readonly id: string;
  readonly fault: Fault;
  readonly nth: number;
  readonly times: number;
  seen: number;
  hits: number;
}

/** The faults that were added and not removed, oldest first. */
export class FaultList {
  readonly #faults = new Map<string, ActiveFault>();
  #lastId = 0;

  /** Adds a fault; it counts requests from now on. */
  add(fault: Fault): ActiveFault {
    this.#lastId += 1;
    const { nth = 1, times = fault.nth === undefined ? Number.POSITIVE_INFINITY : 1 } = fault;
    const active = { id: `fault-${this.#lastId}`, fault, nth, times, seen: 0, hits: 0 };
    this.#faults.set(active.id, active);
    return active;
  }

  /** The fault with this id. */
  find(id: string): ActiveFault | undefined {
    return this.#faults.get(id);
  }

  /** Ends a fault and tells how often it was hit; an id that is not known (any more) is harmless. */
  remove(id: string): number {
    const hits = this.#faults.get(id)?.hits ?? 0;
    this.#faults.delete(id);
    return hits;
  }

  /** The faults that were added and not removed, oldest first, with how often each was hit. */
  list(): FaultSummary[] {
    return Array.from(this.#faults.values(), ({ id, fault, nth, times, hits }) => ({
      id,
      hits,
      fault: { ...fault, nth, ...(Number.isFinite(times) && { times }) },
    }));
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
  take(subject: FaultSubject): Fault | undefined {
    let taken: ActiveFault | undefined;
    for (const active of this.#faults.values()) {
      if (!describes(active.fault, subject)) continue;
      active.seen += 1;
      if (active.seen >= active.nth && active.hits < active.times) taken ??= active;
    }
    if (taken !== undefined) taken.hits += 1;
    return taken?.fault;
  }
}

function describes(fault: Fault, subject: FaultSubject): boolean {
  const isHere = fault.on === subject.endpoint || fault.on === `${subject.method} ${subject.path}`;
  return isHere && (fault.clientId === undefined || fault.clientId === subject.clientId());
}
