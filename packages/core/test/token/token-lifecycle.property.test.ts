import assert from 'node:assert/strict';
import { settleMicrotasks } from '@instellix/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LifecycleOracle } from './lifecycle-oracle.ts';
import { ambushSchedule, calmSchedule, faultySchedule, lawlessSchedule, type Schedule } from './lifecycle-schedule.ts';
import { LifecycleWorld } from './lifecycle-world.ts';

/** The longest that a failure of the past may keep a healed client from asking: backoff, lease, gate. */
const aftermathMs = 35_000;
const longestCoolDownMs = 60_000;

const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);
beforeAll(() => void process.on('unhandledRejection', note));
afterAll(() => void process.off('unhandledRejection', note));

/** Carries out a schedule, judging after each step; then lets everything heal, or closes in the middle of it. */
async function run({ scene, commands }: Schedule, seen: Map<string, number>): Promise<LifecycleWorld> {
  unhandled.length = 0;
  const world = new LifecycleWorld(scene);
  const oracle = new LifecycleOracle(world, seen, unhandled);
  for (const command of commands) {
    await world.do(command);
    oracle.check();
  }
  if (scene.randomSeed % 3 > 0) await heal(world, oracle);
  await close(world, oracle);
  return world;
}

/** Nothing is poisoned: once faults have ended and their aftermath is over, each client gets a token. */
async function heal(world: LifecycleWorld, oracle: LifecycleOracle): Promise<void> {
  const hasNewSecret = world.scene.randomSeed % 2 === 0;
  world.heal(hasNewSecret);
  // What is on its way at this moment still meets its fate.
  await world.clock.advance(world.scene.timeoutMs);
  const now = world.clock.monotonic();
  const retryAt = world.endpoint.log.map(({ settledAt = now, retryAfterMs = 0 }) => settledAt + retryAfterMs);
  const coolDownMs = hasNewSecret ? 0 : longestCoolDownMs;
  await world.clock.advance(aftermathMs + Math.max(coolDownMs, ...retryAt.map((at) => at - now)));
  oracle.check();
  for (const { client, model } of world.subjects) {
    if (model.closed) continue;
    const call = client.getToken();
    for (let waits = 0; waits < 1_000 && !call.outcome; waits++) await world.clock.advance(world.clock.nextWakeMs ?? 0);
    assert.ok(call.outcome?.token, `still poisoned after everything has healed: ${String(call.outcome?.error)}`);
    oracle.check();
  }
}

async function close(world: LifecycleWorld, oracle: LifecycleOracle): Promise<void> {
  for (const subject of world.subjects) world.close(subject);
  await settleMicrotasks();
  oracle.check();
  // As long as the slowest store may take, times what may be on its way to it one after the other.
  await world.clock.advance(2_500);
  const closed = await Promise.race([Promise.all(world.closings), settleMicrotasks().then(() => undefined)]);
  assert.ok(closed, 'close does not end');
  oracle.checkRest();
}

describe('whatever happens in whatever order, a client keeps what it promises', () => {
  it.each([
    ['while only time passes and callers come and go', calmSchedule, 800],
    ['while the token endpoint and the secret fail', faultySchedule, 1_200],
    ['while the store fails as well', lawlessSchedule, 1_200],
    ['while callers come and go between two microtasks', ambushSchedule, 1_200],
  ])('%s', { timeout: 120_000 }, async (_, schedules, numRuns) => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(schedules, async (schedule) => {
        await run(schedule, seen);
      }),
      { numRuns: numRuns * Number(process.env['TIMES'] ?? 1) },
    );
    if (process.env['SEEN']) console.log(seen);
    expect(seen.size).toBeGreaterThan(5);
  });
});
