/** What must hold in every run. */
export type Invariant =
  /** Requests of granted claims reach the vendor at least its window apart. */
  | 'gate'
  /** No two clients have a request under way under claims that both hold. */
  | 'single winner'
  /** Fences only grow, also over lost data; no token replaces one of a higher fence. */
  | 'fencing'
  /** Nobody is granted a request while a good token lies in the store. */
  | 'no needless request'
  /** Nobody takes a token for alive that has ended. */
  | 'honest lifetime'
  /** When the faults are over, everyone has a token. */
  | 'progress';

/** A broken invariant. */
export interface Violation {
  readonly invariant: Invariant;
  readonly at: number;
  readonly detail: string;
}

const windowMs = 5_000;

/** Sees everything, also what no client can know. */
export class Observer {
  readonly violations: Violation[] = [];
  readonly #clock: () => number;
  /** By client: until when its claim stands. */
  readonly #underWay = new Map<number, number>();
  #arrivedAt = Number.NEGATIVE_INFINITY;
  #highestFence = 0;
  #storedFence = 0;
  /** What a store that has lost its data does not know is nothing to blame it for. */
  #forgivenUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  report(invariant: Invariant, detail: string): void {
    this.violations.push({ invariant, at: this.#clock(), detail });
  }

  dataLost(): void {
    this.#storedFence = 0;
    // A claim that was open then may go on for a lease, and its gate for an interval.
    this.#forgivenUntil = this.#clock() + 11_000 + 5_500;
  }

  granted(fence: number, foundFence: number | undefined): void {
    if (fence <= this.#highestFence) this.report('fencing', `${fence} was granted after ${this.#highestFence}`);
    this.#highestFence = fence;
    if (foundFence !== undefined) this.report('no needless request', `the token of ${foundFence} lay there`);
  }

  committed(fence: number): void {
    if (fence < this.#storedFence) this.report('fencing', `${fence} has replaced ${this.#storedFence}`);
    this.#storedFence = fence;
  }

  /**
   * A request leaves, under a claim that stands until `heldUntil`. `isExcused`: its sender was frozen, or works without the
   * store; then nobody can promise anything.
   */
  sent(client: number, heldUntil: number, isExcused: boolean): void {
    if (isExcused) return;
    for (const [other, until] of this.#underWay) if (until <= this.#clock()) this.#underWay.delete(other);
    if (this.#underWay.size > 0 && !this.#isForgiven()) {
      this.report('single winner', `clients ${[...this.#underWay.keys()]} and ${client}`);
    }
    this.#underWay.set(client, heldUntil);
  }

  over(client: number): void {
    this.#underWay.delete(client);
  }

  arrived(isExcused: boolean): void {
    if (isExcused) return;
    const sinceMs = this.#clock() - this.#arrivedAt;
    if (sinceMs < windowMs && !this.#isForgiven()) this.report('gate', `${Math.round(sinceMs)} ms after another`);
    this.#arrivedAt = this.#clock();
  }

  used(endsAt: number, toleranceMs: number): void {
    const lateMs = this.#clock() - endsAt;
    if (lateMs > toleranceMs) this.report('honest lifetime', `${Math.round(lateMs)} ms after its end`);
  }

  #isForgiven(): boolean {
    return this.#clock() < this.#forgivenUntil;
  }
}
