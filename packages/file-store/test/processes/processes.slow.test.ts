import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@instellix/testing/seeded-random';
import { describe, expect, test } from 'vitest';
import { Fleet, longestStopMs, throttleWindowMs, type Worker } from './fleet.ts';

/** Calls that failed. */
const failures = (workers: readonly Worker[]) =>
  workers.flatMap(({ messages }) =>
    messages.filter((message) => message.type === 'failed' || (message.type === 'called' && message.status !== 200)),
  );

const isRunning = (worker: Worker) => worker.process.signalCode === null && worker.count('ready') > 0;

describe('real processes that share a directory', () => {
  test.each([8, 32])('make one token request when %i start at the same time', { timeout: 180_000 }, async (count) => {
    await using fleet = await Fleet.create({ timeoutMs: 10_000, pauseMs: 500, tokenTtlSeconds: 300 });
    const workers = await fleet.start(count);
    for (const { process } of workers) process.send('begin');
    await Promise.all(workers.map((worker) => worker.received('called', 2)));
    expect(failures(workers)).toEqual([]);
    const tokens = await Promise.all(workers.map((worker) => worker.end()));
    expect(new Set(tokens).size).toBe(1);
    expect(await fleet.emulator.requests.count({ endpoint: 'token' })).toBe(1);
  });
});

// Concurrent, because most of the time they wait.
describe.concurrent('real processes that share a directory for a while', () => {
  test('make at most one token request per lifetime, and are never throttled', {
    timeout: 180_000,
  }, async () => {
    await using fleet = await Fleet.create({ timeoutMs: 10_000, pauseMs: 150, tokenTtlSeconds: 1 });
    const workers = await fleet.start(8);
    for (const { process } of workers) process.send('begin');
    await fleet.emulator.requests.waitFor({ endpoint: 'token' }, { count: 21, timeoutMs: 60_000 });
    const { issuedAt, throttled, shortestGapMs } = await fleet.summarize();
    await Promise.all(workers.map((worker) => worker.end()));
    expect(failures(workers)).toEqual([]);
    expect(throttled).toBe(0);
    expect(issuedAt.length).toBeGreaterThan(20);
    expect(shortestGapMs).toBeGreaterThan(throttleWindowMs);
    // A token of 1 s is refreshed when three quarters of it are used up, at the earliest.
    const lastedMs = (issuedAt.at(-1) ?? 0) - (issuedAt[0] ?? 0);
    expect(issuedAt.length).toBeLessThanOrEqual(lastedMs / 750 + 2);
  });

  test('are never throttled while holders of the claim and others are killed, stopped and resumed', {
    timeout: 180_000,
  }, async () => {
    const random = seededRandom(20_261_124);
    await using fleet = await Fleet.create({ timeoutMs: 2_500, pauseMs: 150, tokenTtlSeconds: 1 });
    // Long enough to hit a process during a token request.
    await fleet.emulator.faults.add({ on: 'token', delayMs: 60 });
    const holders = ['spare', 'stop', 'kill', 'spare', 'stop', 'stop', 'kill', 'spare', 'stop', 'kill', 'spare'];
    const replacements: Promise<unknown>[] = [];
    const replace = async (worker: Worker) => {
      worker.process.kill('SIGKILL');
      for (const { process } of await enlist(1)) process.send('begin');
    };
    async function enlist(count: number): Promise<Worker[]> {
      const workers = await fleet.start(count);
      for (const worker of workers) {
        worker.process.on('message', ({ type }: { type: string }) => {
          if (type !== 'requesting') return;
          const fate = holders.shift();
          if (fate === 'kill') replacements.push(replace(worker));
          if (fate === 'stop') worker.freeze((longestStopMs * (1 + random())) / 2);
        });
      }
      return workers;
    }
    let randomKills = 0;
    for (const { process } of await enlist(8)) process.send('begin');
    while (holders.length > 0) {
      await sleep(100 + 200 * random());
      const alive = fleet.workers.filter(isRunning);
      const victim = alive[Math.floor(random() * alive.length)];
      if (!victim) continue;
      if (random() < 0.15) {
        randomKills++;
        replacements.push(replace(victim));
      } else if (random() < 0.4) victim.freeze(longestStopMs * random());
    }
    await Promise.all(replacements);
    await sleep(700);
    const alive = fleet.workers.filter(isRunning);
    const tokens = await Promise.all(alive.map((worker) => worker.end()));
    const { issuedAt, throttled, shortestGapMs } = await fleet.summarize();
    expect(failures(fleet.workers)).toEqual([]);
    expect(throttled).toBe(0);
    // Each holder that was not killed has received its token. A process that was killed at random may have been one, too.
    expect(issuedAt.length).toBeGreaterThanOrEqual(8 - randomKills);
    expect(shortestGapMs).toBeGreaterThan(throttleWindowMs);
    expect(tokens).not.toContain('');
  });

  test('continue without a holder that is stopped for longer than its lease, and ignore its late token', {
    timeout: 120_000,
  }, async () => {
    await using fleet = await Fleet.create({ timeoutMs: 1_000, pauseMs: 150, tokenTtlSeconds: 300 });
    const [frozen, other] = await fleet.start(2);
    if (!frozen || !other) throw new Error('two were started');
    await fleet.emulator.faults.add({ on: 'token', nth: 1, times: 1, delayMs: 300 });
    frozen.process.send('begin');
    await frozen.received('requesting');
    frozen.process.kill('SIGSTOP');
    other.process.send('begin');
    await other.received('called', 3);
    frozen.process.kill('SIGCONT');
    await frozen.received('called', 3);
    const [newcomer] = await fleet.start(1);
    newcomer?.process.send('begin');
    await newcomer?.received('called');
    // A new process finds the newer token: the late one has not replaced it.
    expect(await newcomer?.end()).toBe(await other.end());
    await frozen.end();
    const { issuedAt, throttled } = await fleet.summarize();
    expect(failures(fleet.workers)).toEqual([]);
    expect([throttled, issuedAt.length]).toEqual([0, 2]);
  });
});
