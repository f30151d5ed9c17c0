import type { ClaimResult } from '@instellix/core/store';
import { ChaosProcess, slowestMs } from './chaos-process.ts';
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

/** Which tokens lie in the store, for those who find them there. */
const tokensByFence = new WeakMap<World, Map<number, VendorToken>>();

/** A process that keeps the protocol as core does, and has every kind of bad luck. */
export class ChaosClient {
  readonly id: number;
  readonly #world: World;
  readonly #process: ChaosProcess;
  #ownGateOpensAt = 0;
  #held: HeldToken | undefined;

  constructor(world: World, id: number) {
    this.#world = world;
    this.id = id;
    this.#process = new ChaosProcess(world);
  }

  get hasToken(): boolean {
    return this.#held !== undefined && this.#held.endsAt > this.#process.now();
  }

  start(): void {
    if (!this.#process.start()) return;
    this.#need(this.#process.life);
    this.#use(this.#process.life);
  }

  crash(): void {
    this.#process.crash();
    this.#held = undefined;
    this.#ownGateOpensAt = 0;
    this.#world.observer.over(this.id);
  }

  pause(ms: number): void {
    this.#process.pause(ms);
  }

  partition(ms: number): void {
    this.#process.partition(ms);
  }

  /** Uses its token now and then; learns so that it was revoked. */
  #use(life: number): void {
    if (life !== this.#process.life) return;
    const { observer, vendor, store, random } = this.#world;
    const held = this.#held;
    if (held && held.endsAt > this.#process.now()) {
      // A commit may take that long to the store; core's margin before the end is much wider.
      observer.used(held.token.endsAt, slowestMs + 50);
      if (!vendor.accepts(held.token)) {
        this.#held = undefined;
        const { fence } = held;
        if (fence !== undefined)
          this.#process.ask(
            () => store.remove(fence),
            () => {},
          );
        this.#need(life, fence);
      }
    }
    this.#process.later(random.between(500, 4_000), () => this.#use(life));
  }

  #need(life: number, knownFence = this.#held?.fence, pollMs = 50): void {
    if (life !== this.#process.life) return;
    const { store, observer } = this.#world;
    const again = (ms: number, nextPollMs = 50) =>
      this.#process.later(ms, () => this.#need(life, knownFence, nextPollMs));
    if (this.#ownGateOpensAt > this.#process.now()) {
      again(this.#ownGateOpensAt - this.#process.now());
      return;
    }
    const askedAt = this.#process.now();
    // The worst moment to be stopped at.
    if (!this.#world.isCalm && this.#world.random.isLikely(0.02)) this.pause(this.#world.random.between(5_000, 25_000));
    const claim = (): ClaimResult => {
      const before = store.peek();
      const isGood = before && before.fence > (knownFence ?? 0) && before.remainingMs > expiryMarginMs;
      const answer = store.claim({ minIntervalMs, leaseMs, minRemainingMs: expiryMarginMs, knownFence });
      if (answer.outcome === 'granted') observer.granted(answer.fence, isGood ? before.fence : undefined);
      return answer;
    };
    const giveBack = (late: ClaimResult) => {
      if (late.outcome === 'granted')
        this.#process.ask(
          () => store.release(late.fence, true),
          () => {},
        );
    };
    this.#process.ask(
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
          this.#world.missing === 'a remaining lifetime counts from before the store was asked'
            ? this.#process.now()
            : askedAt;
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
    const leftMs = held.endsAt - this.#process.now();
    this.#process.later(leftMs * this.#world.random.between(0.75, 0.8), () => {
      if (this.#held === held) this.#need(life);
    });
  }

  #request(life: number, { fence, askedAt }: Grant, knownFence: number | undefined): void {
    const { queue, random, store, vendor, observer, missing } = this.#world;
    const leftMs = fence === undefined ? timeoutMs : leaseMs - (this.#process.now() - askedAt);
    const release = (requestSent: boolean) => {
      if (fence !== undefined)
        this.#process.ask(
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
      this.#ownGateOpensAt = this.#process.now() + minIntervalMs;
    };
    const isExcused = () => fence === undefined || this.#process.lastPausedAt >= checkedAt;
    this.#process.later(0.1, () => {
      if (!isCalm && random.isLikely(0.05)) {
        release(false);
        return this.#process.later(250, () => this.#need(life, knownFence));
      }
      observer.sent(this.id, queue.now + leftMs, isExcused());
      const isBound = missing !== 'the holder aborts when its lease runs out' && leftMs > 0;
      const endsMs = isBound ? Math.min(timeoutMs, leftMs) : 3 * timeoutMs;
      this.#process.later(endsMs, () => {
        if (isOver) return;
        finish();
        release(true);
        this.#need(life, knownFence);
      });
      // Who has crashed has still sent what it has sent, unless that takes longer than a connection lives.
      const travelMs = !isCalm && random.isLikely(0.15) ? random.between(200, 20_000) : random.between(1, 200);
      queue.after(travelMs, () => {
        const isAborted = isOver || (life !== this.#process.life && travelMs > timeoutMs - 500);
        if (isAborted) return;
        observer.arrived(isExcused());
        const token = !isCalm && random.isLikely(0.1) ? undefined : vendor.request();
        if (life !== this.#process.life) return;
        this.#process.later(random.between(1, 100), () => {
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
    const endsAt = sentAt * this.#process.rate + 60_000;
    this.#hold(life, { token, fence, endsAt });
    if (fence === undefined) return;
    const remainingMs = Math.max(0, endsAt - this.#process.now());
    this.#process.ask(
      () => {
        if (!store.commit({ ciphertext: '', remainingMs, fence })) return;
        this.#tokens().set(fence, token);
        observer.committed(fence);
      },
      () => {},
    );
  }
}
