import type { ClaimAnswer } from '@instellix/core';
import type { World } from './chaos-run.ts';
import type { VendorToken } from './simulated-vendor.ts';

interface HeldToken {
  readonly token: VendorToken;
  readonly fence: number | undefined;
  /** By the client's own clock. */
  readonly endsAt: number;
}

interface Grant {
  readonly fence: number | undefined;
  readonly askedAt: number;
}

const minIntervalMs = 5_500;
const timeoutMs = 10_000;
const leaseMs = 11_000;
/** A token that ends so soon is not worth having. */
const expiryMarginMs = 6_000;
const storeTimeoutMs = 250;
/** What a message may take to or from the store. */
const slowestMs = 120;

/** Which tokens lie in the store, for those who find them there. */
const tokensByFence = new WeakMap<World, Map<number, VendorToken>>();

/** A process that keeps the protocol as core does, and has every kind of bad luck. */
export class ChaosClient {
  readonly id: number;
  readonly #world: World;
  /** Its clock runs a little faster or slower than the store's. */
  readonly #rate: number;
  #life = 0;
  #isAlive = false;
  #pausedUntil = 0;
  #lastPausedAt = Number.NEGATIVE_INFINITY;
  #partitionedUntil = 0;
  #ownGateOpensAt = 0;
  #held: HeldToken | undefined;

  constructor(world: World, id: number) {
    this.#world = world;
    this.id = id;
    this.#rate = 1 + world.random.between(-1e-4, 1e-4);
  }

  get hasToken(): boolean {
    return this.#held !== undefined && this.#held.endsAt > this.#now();
  }

  start(): void {
    if (this.#isAlive) return;
    this.#isAlive = true;
    this.#need(this.#life);
    this.#use(this.#life);
  }

  crash(): void {
    this.#isAlive = false;
    this.#life++;
    this.#held = undefined;
    this.#ownGateOpensAt = 0;
    this.#world.observer.over(this.id);
  }

  pause(ms: number): void {
    this.#lastPausedAt = this.#world.queue.now;
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#world.queue.now + ms);
  }

  partition(ms: number): void {
    this.#partitionedUntil = this.#world.queue.now + ms;
  }

  #now(): number {
    return this.#world.queue.now * this.#rate;
  }

  /** Does something later, in this life, and not while it is paused. */
  #later(ms: number, run: () => void): void {
    const life = this.#life;
    const attempt = () => {
      const { queue } = this.#world;
      if (life !== this.#life) return;
      if (queue.now < this.#pausedUntil) queue.after(this.#pausedUntil - queue.now, attempt);
      else run();
    };
    this.#world.queue.after(ms, attempt);
  }

  /** One operation of the store; undefined when it failed or took too long, as far as this client can tell. */
  #ask<T>(operate: () => T, then: (answer: T | undefined) => void, onLate: (answer: T) => void = () => {}): void {
    const { queue, random } = this.#world;
    let isOver = false;
    const end = (answer: T | undefined) => {
      if (isOver) return answer === undefined || onLate(answer);
      isOver = true;
      return then(answer);
    };
    const isCutOff = () => queue.now < this.#partitionedUntil;
    const travelMs = () => (random.isLikely(0.1) ? random.between(0, slowestMs * 1.5) : random.between(0.1, 5));
    this.#later(storeTimeoutMs, () => end(undefined));
    if (isCutOff()) return;
    queue.after(Math.min(travelMs(), slowestMs), () => {
      const answer = operate();
      if (isCutOff()) return;
      this.#later(Math.min(travelMs(), slowestMs) + 0.1, () => end(answer));
    });
  }

  /** Uses its token now and then; learns so that it was revoked. */
  #use(life: number): void {
    if (life !== this.#life) return;
    const { observer, vendor, store, random } = this.#world;
    const held = this.#held;
    if (held && held.endsAt > this.#now()) {
      // A commit may take that long to the store; core's margin before the end is much wider.
      observer.used(held.token.endsAt, slowestMs + 50);
      if (!vendor.accepts(held.token)) {
        this.#held = undefined;
        const { fence } = held;
        if (fence !== undefined)
          this.#ask(
            () => store.remove(fence),
            () => {},
          );
        this.#need(life, fence);
      }
    }
    this.#later(random.between(500, 4_000), () => this.#use(life));
  }

  #need(life: number, knownFence = this.#held?.fence, pollMs = 50): void {
    if (life !== this.#life) return;
    const { store, observer } = this.#world;
    const again = (ms: number, nextPollMs = 50) => this.#later(ms, () => this.#need(life, knownFence, nextPollMs));
    if (this.#ownGateOpensAt > this.#now()) {
      again(this.#ownGateOpensAt - this.#now());
      return;
    }
    const askedAt = this.#now();
    // The worst moment to be stopped at.
    if (!this.#world.isCalm && this.#world.random.isLikely(0.02)) this.pause(this.#world.random.between(5_000, 25_000));
    const claim = (): ClaimAnswer => {
      const before = store.peek();
      const isGood = before && before.fence !== knownFence && before.remainingMs > expiryMarginMs;
      const answer = store.claim({ minIntervalMs, leaseMs, minRemainingMs: expiryMarginMs, knownFence });
      if (answer.outcome === 'granted') observer.granted(answer.fence, isGood ? before.fence : undefined);
      return answer;
    };
    const giveBack = (late: ClaimAnswer) => {
      if (late.outcome === 'granted')
        this.#ask(
          () => store.release(late.fence, true),
          () => {},
        );
    };
    this.#ask(
      claim,
      (answer) => {
        if (answer === undefined) return this.#request(life, { fence: undefined, askedAt }, knownFence);
        if (answer.outcome === 'granted') return this.#request(life, { fence: answer.fence, askedAt }, knownFence);
        if (answer.outcome === 'wait') {
          return answer.because === 'held'
            ? again(Math.min(answer.waitMs, pollMs), Math.min(2 * pollMs, 1_000))
            : again(answer.waitMs);
        }
        const token = this.#tokens().get(answer.token.fence);
        if (!token || !this.#world.vendor.accepts(token)) return this.#need(life, answer.token.fence);
        const countsFrom =
          this.#world.missing === 'a remaining lifetime counts from before the store was asked' ? this.#now() : askedAt;
        return this.#hold(life, { token, fence: answer.token.fence, endsAt: countsFrom + answer.token.remainingMs });
      },
      giveBack,
    );
  }

  #tokens(): Map<number, VendorToken> {
    const tokens = tokensByFence.get(this.#world) ?? new Map<number, VendorToken>();
    tokensByFence.set(this.#world, tokens);
    return tokens;
  }

  #hold(life: number, held: HeldToken): void {
    this.#held = held;
    const leftMs = held.endsAt - this.#now();
    this.#later(leftMs * this.#world.random.between(0.75, 0.8), () => {
      if (this.#held === held) this.#need(life);
    });
  }

  #request(life: number, { fence, askedAt }: Grant, knownFence: number | undefined): void {
    const { queue, random, store, vendor, observer, missing } = this.#world;
    const leftMs = fence === undefined ? timeoutMs : leaseMs - (this.#now() - askedAt);
    const release = (requestSent: boolean) => {
      if (fence !== undefined)
        this.#ask(
          () => store.release(fence, requestSent),
          () => {},
        );
    };
    if (leftMs <= 0 && missing !== 'the holder looks at its lease before it sends') {
      release(false);
      this.#need(life, knownFence);
      return;
    }
    const checkedAt = queue.now;
    const { isCalm } = this.#world;
    let isOver = false;
    const finish = () => {
      isOver = true;
      observer.over(this.id);
      this.#ownGateOpensAt = this.#now() + minIntervalMs;
    };
    const isExcused = () => fence === undefined || this.#lastPausedAt >= checkedAt;
    this.#later(0.1, () => {
      if (!isCalm && random.isLikely(0.05)) {
        release(false);
        return this.#later(250, () => this.#need(life, knownFence));
      }
      observer.sent(this.id, queue.now + leftMs, isExcused());
      const isBound = missing !== 'the holder aborts when its lease runs out' && leftMs > 0;
      const endsMs = isBound ? Math.min(timeoutMs, leftMs) : 3 * timeoutMs;
      this.#later(endsMs, () => {
        if (isOver) return;
        finish();
        release(true);
        this.#need(life, knownFence);
      });
      // Who has crashed has still sent what it has sent, unless that takes longer than a connection lives.
      const travelMs = !isCalm && random.isLikely(0.15) ? random.between(200, 20_000) : random.between(1, 200);
      queue.after(travelMs, () => {
        const isAborted = isOver || (life !== this.#life && travelMs > timeoutMs - 500);
        if (isAborted) return;
        observer.arrived(isExcused());
        const token = !isCalm && random.isLikely(0.1) ? undefined : vendor.request();
        if (life !== this.#life) return;
        this.#later(random.between(1, 100), () => {
          if (isOver) return;
          finish();
          if (!token) {
            release(true);
            return this.#need(life, knownFence);
          }
          this.#receive(life, token, fence, checkedAt);
        });
      });
    });
  }

  #receive(life: number, token: VendorToken, fence: number | undefined, sentAt: number): void {
    const { store, observer } = this.#world;
    // Its lifetime, as the vendor says it, counted from before it was asked.
    const endsAt = sentAt * this.#rate + 60_000;
    this.#hold(life, { token, fence, endsAt });
    if (fence === undefined) return;
    const remainingMs = Math.max(0, endsAt - this.#now());
    this.#ask(
      () => {
        if (!store.commit({ sealed: '', remainingMs, fence })) return;
        this.#tokens().set(fence, token);
        observer.committed(fence);
      },
      () => {},
    );
  }
}
