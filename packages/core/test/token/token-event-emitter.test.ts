import { runInNewContext } from 'node:vm';
import { settleMicrotasks, VirtualClock } from '@instellix/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { TokenEvent, TokenEventDetails } from '../../src/token/token-event.ts';
import { TokenEventEmitter } from '../../src/token/token-event-emitter.ts';

function createEmitter() {
  return new TokenEventEmitter(new VirtualClock(1_000), 'sandbox', 'acme');
}

const details = { type: 'waiting', for: 'throttle', waitMs: 7 } as const;

describe('TokenEventEmitter', () => {
  test('adds the time, the environment and the realm to the details of an event', () => {
    const emitter = createEmitter();
    const events: TokenEvent[] = [];
    emitter.subscribe((event) => events.push(event));
    emitter.emit(details);
    expect(events).toEqual([
      { at: 1_000, environment: 'sandbox', realm: 'acme', type: 'waiting', for: 'throttle', waitMs: 7 },
    ]);
  });

  test.each<[TokenEventDetails, boolean]>([
    [{ type: 'token_requested', why: 'missing', attempt: 1 }, false],
    [{ type: 'token_obtained', from: 'store', lifetimeMs: 1, tookMs: 1 }, false],
    [{ type: 'token_request_failed', code: 'credentials_rejected', stillServing: false }, false],
    [{ type: 'token_request_aborted' }, false],
    [{ type: 'token_rejected', refreshSuspended: false }, true],
    [{ type: 'lifetime_assumed', lifetimeMs: 1 }, true],
    [{ type: 'store_failed', operation: 'read', reason: 'ENOSPC', timedOut: false }, true],
    [details, true],
  ])('knows whether an attempt still waits after %j', (event, isWaiting) => {
    const emitter = createEmitter();
    emitter.emit(event);
    expect(emitter.isWaiting).toBe(event.type === 'waiting');
    emitter.emit(details);
    emitter.emit(event);
    expect(emitter.isWaiting).toBe(isWaiting);
  });

  test('freezes events, so that no listener can change them for the next one', () => {
    const emitter = createEmitter();
    const events: TokenEvent[] = [];
    emitter.subscribe((event) => {
      (event as { realm: string }).realm = 'another';
    });
    emitter.subscribe((event) => events.push(event));
    emitter.emit(details);
    expect(events[0]?.realm).toBe('acme');
  });

  test('calls the other listeners when one throws', () => {
    const emitter = createEmitter();
    const events: TokenEvent[] = [];
    emitter.subscribe(() => {
      throw new Error('broken listener');
    });
    emitter.subscribe((event) => events.push(event));
    emitter.emit(details);
    expect(events).toHaveLength(1);
  });

  test.each([
    [
      'an async listener',
      async () => {
        throw new Error('broken listener');
      },
    ],
    [
      'a listener that returns a promise of another realm',
      () => runInNewContext('Promise.reject(new Error("broken listener"))'),
    ],
  ])('handles the rejection of %s, which would end the process', async (_, listener) => {
    const unhandled: unknown[] = [];
    const record = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', record);
    onTestFinished(() => void process.off('unhandledRejection', record));
    const emitter = createEmitter();
    emitter.subscribe(listener as () => void);
    emitter.emit(details);
    await settleMicrotasks();
    await settleMicrotasks();
    expect(unhandled).toEqual([]);
  });

  test('does not call a listener after its removal, even when another listener removes it during the same event', () => {
    const emitter = createEmitter();
    const calls: string[] = [];
    let remove = () => {};
    emitter.subscribe(() => {
      calls.push('first');
      remove();
    });
    remove = emitter.subscribe(() => calls.push('second'));
    emitter.emit(details);
    emitter.emit(details);
    expect(calls).toEqual(['first', 'first']);
  });

  test('calls a listener that is added during an event from the next event on, so that no event goes on forever', () => {
    const emitter = createEmitter();
    let calls = 0;
    const subscribeAnother = () => {
      calls++;
      if (calls < 100) emitter.subscribe(subscribeAnother);
    };
    emitter.subscribe(subscribeAnother);
    emitter.emit(details);
    expect(calls).toBe(1);
    emitter.emit(details);
    expect(calls).toBe(3);
  });

  test('calls a function twice that was added twice, and removes one addition at a time', () => {
    const emitter = createEmitter();
    let calls = 0;
    const listener = () => void calls++;
    const remove = emitter.subscribe(listener);
    emitter.subscribe(listener);
    emitter.emit(details);
    expect(calls).toBe(2);
    remove();
    remove();
    emitter.emit(details);
    expect(calls).toBe(3);
  });

  test('calls no listener after clear', () => {
    const emitter = createEmitter();
    let calls = 0;
    emitter.subscribe(() => void calls++);
    emitter.clear();
    emitter.emit(details);
    expect(calls).toBe(0);
  });
});

test('a listener that is no function is refused at once', () => {
  const message = /^subscribe: the listener must be a function\.$/;
  expect(() => createEmitter().subscribe('log' as never)).toThrow(message);
});
