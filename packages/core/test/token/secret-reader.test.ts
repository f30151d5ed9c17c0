import { settleMicrotasks, VirtualClock } from '@instellix/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { SecretReader } from '../../src/token/secret-reader.ts';
import type { TokenEvent } from '../../src/token/token-event.ts';
import { TokenEventEmitter } from '../../src/token/token-event-emitter.ts';

const waiting = { type: 'waiting', for: 'secret', environment: 'sandbox', realm: 'acme' };
const never = () => new Promise<string>(() => {});

let clock: VirtualClock;
let emitter: TokenEventEmitter;
let events: TokenEvent[];
let abort: AbortController;

beforeEach(() => {
  clock = new VirtualClock(0);
  emitter = new TokenEventEmitter(clock, 'sandbox', 'acme');
  events = [];
  emitter.subscribe((event) => events.push(event));
  abort = new AbortController();
});

function read(readSecret: () => Promise<string>, timeoutMs = 10_000): Promise<string | undefined> {
  const secret = new SecretReader(clock, emitter, readSecret).read(timeoutMs, abort.signal);
  secret.catch(() => {});
  return secret;
}

describe('SecretReader', () => {
  test('returns the secret, and leaves no timer and no event', async () => {
    expect(await read(async () => 'secret')).toBe('secret');
    await settleMicrotasks();
    expect(clock.sleeping).toBe(0);
    expect(events).toEqual([]);
  });

  test('calls the function at each read', async () => {
    const secrets = ['first', 'second'];
    const reader = new SecretReader(clock, emitter, async () => secrets.shift() ?? '');
    expect(await reader.read(10, abort.signal)).toBe('first');
    expect(await reader.read(10, abort.signal)).toBe('second');
  });

  test('emits one waiting event after 50 ms, and none before', async () => {
    const secret = read(async () => {
      await clock.sleep(5_000);
      return 'secret';
    });
    await clock.advance(49);
    expect(events).toEqual([]);
    await clock.advance(1);
    expect(events).toEqual([{ ...waiting, at: 50 }]);
    await clock.advance(4_950);
    expect(await secret).toBe('secret');
    expect(events).toHaveLength(1);
    expect(clock.sleeping).toBe(0);
  });

  test('emits no event for a function that returns within 50 ms', async () => {
    const secret = read(async () => {
      await clock.sleep(49);
      return 'secret';
    });
    await clock.advance(60_000);
    expect(await secret).toBe('secret');
    expect(events).toEqual([]);
  });

  test('returns undefined after the timeout, and leaves no timer', async () => {
    const secret = read(never, 3_000);
    await clock.advance(2_999);
    expect(clock.sleeping).toBe(1);
    await clock.advance(1);
    expect(await secret).toBeUndefined();
    expect(clock.sleeping).toBe(0);
  });

  test('rejects with the reason of the signal, and leaves no timer', async () => {
    const secret = read(never);
    await clock.advance(40);
    abort.abort(new Error('aborted'));
    await expect(secret).rejects.toThrow('aborted');
    expect(clock.sleeping).toBe(0);
    await clock.advance(60_000);
    expect(events).toEqual([]);
  });

  test.each([
    ['rejects', () => Promise.reject(new Error('failed'))],
    [
      'throws',
      () => {
        throw new Error('failed');
      },
    ],
  ])('rejects with the error of a function that %s, and leaves no timer', async (_, readSecret) => {
    await expect(read(readSecret)).rejects.toThrow('failed');
    await settleMicrotasks();
    expect(clock.sleeping).toBe(0);
    expect(events).toEqual([]);
  });
});
