interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A virtual clock with its timers. Timers of the same moment run in the order in which they were set. */
export class EventQueue {
  readonly #heap: Event[] = [];
  #count = 0;
  now = 0;

  /** Runs a function after some milliseconds. */
  after(ms: number, run: () => void): void {
    const heap = this.#heap;
    const event = { at: this.now + Math.max(0, ms), order: this.#count++, run };
    let index = heap.length;
    heap.push(event);
    for (let parent = (index - 1) >> 1; index > 0; index = parent, parent = (index - 1) >> 1) {
      const above = heap[parent] as Event;
      if (!isBefore(event, above)) break;
      heap[index] = above;
      heap[parent] = event;
    }
  }

  /** Advances the clock, and runs each timer that is due until then. */
  runUntil(end: number): void {
    for (let next = this.#heap[0]; next && next.at <= end; next = this.#heap[0]) {
      this.#removeFirst();
      this.now = next.at;
      next.run();
    }
    this.now = end;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop() as Event;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      let least = left;
      if (right < heap.length && isBefore(heap[right] as Event, heap[left] as Event)) least = right;
      if (least >= heap.length || !isBefore(heap[least] as Event, last)) break;
      heap[index] = heap[least] as Event;
      index = least;
    }
    heap[index] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
