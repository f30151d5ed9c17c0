import type { Fault, FaultSummary } from './fault.ts';

/** The properties of a request that faults match. */
export interface FaultSubject {
  readonly endpoint: string;
  readonly method: string;
  /** The path without the query. */
  readonly path: string;
  readonly clientId: string | undefined;
}

/** A fault with its counters. */
export interface ActiveFault extends FaultSummary {
  seen: number;
  hits: number;
}

/** The active faults, oldest first. */
export class FaultList {
  readonly #faults = new Map<string, ActiveFault>();
  #lastId = 0;

  add(fault: Fault): ActiveFault {
    this.#lastId += 1;
    const { nth = 1, times = fault.nth === undefined ? undefined : 1 } = fault;
    const completed = { ...fault, nth, ...(times !== undefined && { times }) };
    const active = { id: `fault-${this.#lastId}`, fault: completed, seen: 0, hits: 0 };
    this.#faults.set(active.id, active);
    return active;
  }

  find(id: string): ActiveFault | undefined {
    return this.#faults.get(id);
  }

  /** Removes a fault and returns the number of requests that it has hit; 0 for an unknown id. */
  remove(id: string): number {
    const hits = this.#faults.get(id)?.hits ?? 0;
    this.#faults.delete(id);
    return hits;
  }

  list(): FaultSummary[] {
    return Array.from(this.#faults.values(), ({ id, hits, fault }) => ({ id, hits, fault }));
  }

  clear(): void {
    this.#faults.clear();
  }

  /** Whether a fault is on exactly this method and path. */
  names(on: string): boolean {
    return this.list().some(({ fault }) => fault.on === on);
  }

  /** Counts the request for every fault that matches it, and returns the oldest fault that is due. */
  take(subject: FaultSubject): Fault | undefined {
    let taken: ActiveFault | undefined;
    for (const active of this.#faults.values()) {
      if (!matches(active.fault, subject)) continue;
      active.seen += 1;
      const { nth = 1, times = Number.POSITIVE_INFINITY } = active.fault;
      if (active.seen >= nth && active.hits < times) taken ??= active;
    }
    if (taken !== undefined) taken.hits += 1;
    return taken?.fault;
  }
}

function matches(fault: Fault, subject: FaultSubject): boolean {
  const isHere = fault.on === subject.endpoint || fault.on === `${subject.method} ${subject.path}`;
  return isHere && (fault.clientId === undefined || fault.clientId === subject.clientId);
}
