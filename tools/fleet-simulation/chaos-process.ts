import type { World } from './chaos-run.ts';

const storeTimeoutMs = 250;
/** What a message may take to or from the store. */
export const slowestMs = 120;

/** A process that crashes, is stopped, and is cut off from the store; what it was about to do waits, or never happens. */
export class ChaosProcess {
  readonly #world: World;
  /** Its clock runs a little faster or slower than the store's. */
  readonly rate: number;
  #life = 0;
  #isAlive = false;
  #pausedUntil = 0;
  #lastPausedAt = Number.NEGATIVE_INFINITY;
  #partitionedUntil = 0;

  constructor(world: World) {
    this.#world = world;
    this.rate = 1 + world.random.between(-1e-4, 1e-4);
  }

  /** Which of its lives it is in; each start begins another one. */
  get life(): number {
    return this.#life;
  }

  get lastPausedAt(): number {
    return this.#lastPausedAt;
  }

  /** By its own clock. */
  now(): number {
    return this.#world.queue.now * this.rate;
  }

  /** Answers whether it was not running. */
  start(): boolean {
    const isNew = !this.#isAlive;
    this.#isAlive = true;
    return isNew;
  }

  crash(): void {
    this.#isAlive = false;
    this.#life++;
  }

  pause(ms: number): void {
    this.#lastPausedAt = this.#world.queue.now;
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#world.queue.now + ms);
  }

  partition(ms: number): void {
    this.#partitionedUntil = this.#world.queue.now + ms;
  }

  /** Does something later, in this life, and not while it is paused. */
  later(ms: number, run: () => void): void {
    const life = this.#life;
    const attempt = () => {
      const { queue } = this.#world;
      if (life !== this.#life) return;
      if (queue.now < this.#pausedUntil) queue.after(this.#pausedUntil - queue.now, attempt);
      else run();
    };
    this.#world.queue.after(ms, attempt);
  }

  /** One operation of the store; undefined when it failed or took too long, as far as this process can tell. */
  ask<T>(operate: () => T, then: (answer: T | undefined) => void, onLate: (answer: T) => void = () => {}): void {
    const { queue, random } = this.#world;
    let isOver = false;
    const end = (answer: T | undefined) => {
      if (isOver) return answer === undefined || onLate(answer);
      isOver = true;
      return then(answer);
    };
    const isCutOff = () => queue.now < this.#partitionedUntil;
    const travelMs = () => (random.isLikely(0.1) ? random.between(0, slowestMs * 1.5) : random.between(0.1, 5));
    this.later(storeTimeoutMs, () => end(undefined));
    if (isCutOff()) return;
    queue.after(Math.min(travelMs(), slowestMs), () => {
      const answer = operate();
      if (isCutOff()) return;
      this.later(Math.min(travelMs(), slowestMs) + 0.1, () => end(answer));
    });
  }
}
