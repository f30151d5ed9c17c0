import { settleMicrotasks, VirtualClock } from '@instellix/testing';
import { ConfigurationError } from '../../src/error/configuration-error.ts';
import { createAccessToken } from '../../src/token/access-token.ts';
import { ClientModel, type Expectation } from './client-model.ts';
import { FaultyTokenStore } from './faulty-token-store.ts';
import { elapsedMs, instantOf } from './instant.ts';
import type { Command, Scenario, SecretBehaviour } from './lifecycle-schedule.ts';
import { type Call, SimulatedClient } from './simulated-client.ts';
import { SimulatedTokenEndpoint } from './simulated-token-endpoint.ts';

/** A client and its model. */
export interface Subject {
  readonly client: SimulatedClient;
  readonly model: ClientModel;
}

/** A call and the outcome that it must have at once. */
export interface ExpectedCall extends Subject {
  readonly call: Call;
  readonly expectation: Expectation;
}

/** Clients, their store and their endpoint on one virtual clock; carries out the commands of a schedule. */
export class LifecycleSimulation {
  readonly clock = new VirtualClock();
  readonly endpoint = new SimulatedTokenEndpoint(this.clock);
  readonly store = new FaultyTokenStore(this.clock);
  readonly subjects: readonly Subject[];
  readonly scenario: Scenario;
  /** Calls that the oracle has not checked yet. */
  readonly made: ExpectedCall[] = [];
  readonly closings: Promise<void>[] = [];
  /** Endpoint or secret function have failed. */
  hadFaults = false;
  /** The store has failed or lost data, so that it may not coordinate its clients. */
  hadStoreFaults = false;
  /**
   * The wall clock was set forward, which looks like a suspend, or the machine was suspended during a request, which then lasts longer
   * than its lease.
   */
  hadClockFault = false;
  /** When the wall clock was last set back, in monotonic milliseconds. An expired token may become usable again. */
  lastSetBackAt = Number.NEGATIVE_INFINITY;
  /** An interleaving has run between two microtasks, where the models may differ from the clients. */
  hadInterleaving = false;
  #behaviour: SecretBehaviour = 'current';
  #secretVersion = 1;
  #knownVersion = 1;
  #random: number;
  #interleavings: (Command & { type: 'interleaving' })[] = [];

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.#random = scenario.randomSeed;
    this.endpoint.latencyMs = scenario.latencyMs;
    this.endpoint.treatment = { kind: 'judge', lifetimeMs: scenario.lifetimeMs };
    this.#noteLatency();
    this.#acceptSecrets(false);
    this.subjects = scenario.clientIds.map((clientId, index) => this.#createSubject(clientId, `client ${index}`));
  }

  async do(command: Command): Promise<void> {
    if (command.type === 'advance') return this.clock.advance(command.ms);
    if (command.type === 'wake') {
      return this.clock.advance(Math.max(0, (this.clock.nextWakeMs ?? 0) + command.offsetMs));
    }
    if (command.type === 'reach') {
      const { held } = this.#subject(command.client).model;
      const moment = command.moment === 'stale' ? held?.refreshAt : held?.usableUntil;
      const leftMs = moment ? -elapsedMs(moment, instantOf(this.clock)) : 0;
      return this.clock.advance(Math.max(0, leftMs + command.offsetMs));
    }
    this.#act(command, true);
    await settleMicrotasks();
  }

  close({ client, model }: Subject): void {
    model.closed = true;
    this.closings.push(client.manager.close());
  }

  /** Ends all faults. With `newSecret`, the secret is rotated, so that no cool-down applies. */
  endFaults(newSecret: boolean): void {
    this.endpoint.treatment = { kind: 'judge', lifetimeMs: 300_000 };
    this.endpoint.latencyMs = 30;
    this.store.fault = { kind: 'none' };
    this.#interleavings = [];
    this.#behaviour = 'current';
    if (newSecret) this.#secretVersion++;
    this.#knownVersion = this.#secretVersion;
    this.#acceptSecrets(false);
  }

  #createSubject(clientId: string, name: string): Subject {
    const { minIntervalMs, maxWaitMs, timeoutMs, refreshAtFraction, expiryMarginMs } = this.scenario;
    const agePolicy = { refreshAtFraction, expiryMarginMs };
    const client = new SimulatedClient(
      { name, clientId, minIntervalMs, maxWaitMs, timeoutMs, agePolicy },
      {
        clock: this.clock,
        endpoint: this.endpoint,
        store: this.store,
        random: () => this.#nextRandom(),
        readSecret: (id) => this.#readSecret(id),
      },
    );
    const model = new ClientModel(client, () => instantOf(this.clock));
    client.emitter.subscribe(({ type }) => this.#runInterleaving(type));
    return { client, model };
  }

  /** Carries out a command that takes no time. `isExact`: no microtask is pending. */
  #act(command: Command, isExact: boolean): void {
    switch (command.type) {
      case 'get':
        for (let time = 0; time < command.times; time++) this.#get(command, isExact);
        break;
      case 'abort':
        this.#abort(command.which);
        break;
      case 'peek':
        this.#subject(command.client).client.manager.peekToken();
        break;
      case 'close':
        this.close(this.#subject(command.client));
        break;
      case 'interleaving':
        this.#interleavings.push(command);
        break;
      default:
        this.#changeSurroundings(command);
    }
  }

  #changeSurroundings(command: Command): void {
    switch (command.type) {
      case 'stepWallClock':
        this.clock.stepWallClock(command.ms);
        this.hadClockFault ||= command.ms > 0;
        if (command.ms < 0) this.lastSetBackAt = this.clock.monotonic();
        break;
      case 'suspend':
        this.hadClockFault ||= this.endpoint.log.some(({ settledAt }) => settledAt === undefined);
        this.clock.suspend(command.ms);
        break;
      case 'treat':
        this.endpoint.treatment = command.treatment;
        this.hadFaults ||= command.treatment.kind !== 'judge';
        this.#noteLatency();
        break;
      case 'latency':
        this.endpoint.latencyMs = command.ms;
        this.#noteLatency();
        break;
      case 'rotate':
        this.#rotate(command.isKnown, command.overlaps);
        break;
      case 'secretFunction':
        this.#behaviour = command.behaviour;
        this.hadFaults = true;
        break;
      case 'store':
        this.store.fault = command.fault;
        this.hadStoreFaults ||= command.fault.kind !== 'none';
        break;
      case 'loseData':
        this.store.loseData();
        this.hadStoreFaults = true;
        break;
      case 'revoke':
        this.endpoint.forgetTokens();
        break;
    }
  }

  #rotate(isKnown: boolean, overlaps: boolean): void {
    this.#secretVersion++;
    if (isKnown) this.#knownVersion = this.#secretVersion;
    this.#acceptSecrets(overlaps);
    this.hadFaults = true;
  }

  #get({ client: index, signal, minValidityMs, rejected: which }: Command & { type: 'get' }, isExact: boolean): void {
    const { client, model } = this.#subject(index);
    const abort = signal === 'none' ? undefined : new AbortController();
    if (signal === 'aborted') abort?.abort(new Error('aborted before the call'));
    const rejected = this.#rejected(which, { client, model });
    const options = {
      ...(minValidityMs > 0 && { minValidityMs }),
      ...(rejected && { rejected }),
    };
    const expectation = model.expect({
      aborted: signal === 'aborted',
      minValidityMs,
      ...(rejected && { rejected: rejected.value }),
    });
    const isPlain = minValidityMs === 0 && !rejected;
    const call = client.getToken(isPlain ? undefined : options, abort);
    this.made.push({ client, model, call, expectation: isExact ? expectation : { kind: 'open' } });
  }

  #rejected(which: 'none' | 'held' | 'older' | 'foreign', { client, model }: Subject) {
    if (which === 'none') return undefined;
    if (which === 'foreign') return createAccessToken('a foreign token', 0, 1);
    const { returnedTokens } = client;
    return which === 'held'
      ? returnedTokens.find(({ value }) => value === model.held?.value)
      : returnedTokens.find(({ value }) => value !== model.held?.value);
  }

  #abort(which: number): void {
    const waiting = this.subjects.flatMap(({ client }) => client.pending.filter(({ abort }) => abort));
    waiting[which % Math.max(1, waiting.length)]?.abort?.abort(new Error('aborted while waiting'));
  }

  #runInterleaving(type: string): void {
    const index = this.#interleavings.findIndex(({ on }) => on === type);
    const [interleaving] = index < 0 ? [] : this.#interleavings.splice(index, 1);
    if (!interleaving) return;
    this.hadInterleaving = true;
    const { ticks, act } = interleaving;
    if (ticks === 0) this.#act(act, false);
    else void afterMicrotasks(ticks, () => this.#act(act, false));
  }

  #subject(index: number): Subject {
    return this.subjects[index % this.subjects.length] as Subject;
  }

  #noteLatency(): void {
    const { latencyMs, treatment } = this.endpoint;
    // A token that is issued again may have less than a millisecond left.
    const minLifetimeMs = treatment.kind !== 'judge' ? 0 : treatment.again ? 1 : treatment.lifetimeMs;
    this.hadFaults ||= latencyMs >= minLifetimeMs || latencyMs >= this.scenario.timeoutMs;
  }

  #acceptSecrets(overlap: boolean): void {
    const versions = overlap ? [this.#secretVersion, this.#secretVersion - 1] : [this.#secretVersion];
    for (const clientId of this.scenario.clientIds) {
      this.endpoint.secrets.set(clientId, new Set(versions.map((version) => secretOf(clientId, version))));
    }
  }

  async #readSecret(clientId: string): Promise<string> {
    const behaviour = this.#behaviour;
    if (behaviour === 'hanging') return new Promise(() => {});
    if (behaviour === 'failing') throw new ConfigurationError(['The clientSecret function failed: simulated.']);
    if (behaviour === 'slow') await this.clock.sleep(500);
    return secretOf(clientId, behaviour === 'stale' ? 0 : this.#knownVersion);
  }

  /** A linear congruential generator, which is the same on every machine. */
  #nextRandom(): number {
    this.#random = (this.#random * 1_103_515_245 + 12_345) % 2 ** 31;
    // Multiples of 1/256, so that sums with epoch milliseconds, which have 12 binary places, are exact.
    return Math.floor((this.#random / 2 ** 31) * 256) / 256;
  }
}

function secretOf(clientId: string, version: number): string {
  return `secret ${version} of ${clientId}`;
}

async function afterMicrotasks(count: number, act: () => void): Promise<void> {
  for (let tick = 0; tick < count; tick++) await undefined;
  act();
}
