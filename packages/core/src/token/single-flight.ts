import type { Clock } from '../clock/clock.ts';
import { within } from '../clock/with-timeout.ts';
import { WaitingCallers } from './waiting-callers.ts';

/** How long a flight that was aborted may take to end. */
const longestEndingMs = 1_000;

/** What {@link SingleFlight} works with. */
export interface SingleFlightParts<T, Why> {
  readonly clock: Clock;
  /** Brings what the callers wait for; must send nothing before the flight before it has ended. */
  readonly acquire: (flight: Flight<T>, why: Why, isClear: Promise<void>) => Promise<T>;
  /** Whether a flight is of use although nobody waits for it, since it refreshes what callers are served from. */
  readonly stillServing: () => boolean;
  /** Makes the error for a caller whose time is up. */
  readonly overdueError: () => Error;
}

/** One acquisition with all its callers. */
export interface Flight<T> {
  readonly abort: AbortController;
  readonly callers: WaitingCallers<T>;
  /** The longest validity that one of the callers asks for, milliseconds. */
  minValidityMs: number;
}

/** At most one acquisition at a time, whoever wants one: its outcome, success or failure, is that of all its callers. */
export class SingleFlight<T, Why> {
  readonly #parts: SingleFlightParts<T, Why>;
  #current: Flight<T> | undefined;
  /** Settles when nothing is in the air, not even a flight that everybody has left. */
  #landed: Promise<void> = Promise.resolve();

  constructor(parts: SingleFlightParts<T, Why>) {
    this.#parts = parts;
  }

  get current(): Flight<T> | undefined {
    return this.#current;
  }

  depart(why: Why): Flight<T> {
    const onDeserted = () => {
      if (this.#parts.stillServing()) return;
      this.#land(flight);
      flight.abort.abort();
    };
    const callers = new WaitingCallers<T>({ ...this.#parts, onDeserted });
    const flight: Flight<T> = { abort: new AbortController(), callers, minValidityMs: 0 };
    this.#current = flight;
    this.#landed = this.#fly(flight, why, this.landed());
    return flight;
  }

  /** Ends the flight, and rejects its callers. */
  end(error: Error): void {
    const flight = this.#current;
    this.#current = undefined;
    flight?.callers.rejectAll(error);
    flight?.abort.abort(error);
  }

  /** An aborted flight ends within a few timeouts of the store; in a runtime that drops timers with a request, never. */
  landed(): Promise<void> {
    const flight = this.#landed;
    return within(
      this.#parts.clock,
      longestEndingMs,
      () => flight,
      () => {},
    );
  }

  /** Never rejects: what fails here is told to the callers, if there are any. */
  async #fly(flight: Flight<T>, why: Why, isClear: Promise<void>): Promise<void> {
    try {
      const brought = await this.#parts.acquire(flight, why, isClear);
      this.#land(flight);
      flight.callers.resolveAll(brought);
    } catch (error) {
      this.#land(flight);
      flight.callers.rejectAll(error);
    }
  }

  #land(flight: Flight<T>): void {
    if (this.#current === flight) this.#current = undefined;
  }
}
