import { settleMicrotasks, VirtualClock } from '@instellix/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { TokenEvent } from '../../src/token/token-event.ts';
import { TokenEventEmitter } from '../../src/token/token-event-emitter.ts';

function createFeed() {
  return new TokenEventEmitter(new VirtualClock(1_000), 'sandbox', 'acme');
}

const waited = { type: 'waiting', for: 'throttle', waitMs: 7 } as const;

describe('TokenEventEmitter', () => {
  test('tells when, where and what', () => {
    const feed = createFeed();
    const heard: TokenEvent[] = [];
    feed.subscribe((event) => heard.push(event));
    feed.emit(waited);
    expect(heard).toEqual([
      { at: 1_000, environment: 'sandbox', realm: 'acme', type: 'waiting', for: 'throttle', waitMs: 7 },
    ]);
  });

  test('hands out events that no listener can falsify for the next one', () => {
    const feed = createFeed();
    const heard: TokenEvent[] = [];
    feed.subscribe((event) => {
      (event as { realm: string }).realm = 'another';
    });
    feed.subscribe((event) => heard.push(event));
    feed.emit(waited);
    expect(heard[0]?.realm).toBe('acme');
  });

  test('lets no listener that throws keep the others from hearing', () => {
    const feed = createFeed();
    const heard: TokenEvent[] = [];
    feed.subscribe(() => {
      throw new Error('broken listener');
    });
    feed.subscribe((event) => heard.push(event));
    feed.emit(waited);
    expect(heard).toHaveLength(1);
  });

  test('lets no async listener end the process with a rejection that nobody handles', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    onTestFinished(() => void process.off('unhandledRejection', note));
    const feed = createFeed();
    feed.subscribe((async () => {
      throw new Error('broken listener');
    }) as () => void);
    feed.emit(waited);
    await settleMicrotasks();
    await settleMicrotasks();
    expect(unhandled).toEqual([]);
  });

  test('stops telling a listener that was removed, also by another listener while an event goes round', () => {
    const feed = createFeed();
    const heard: string[] = [];
    let remove = () => {};
    feed.subscribe(() => {
      heard.push('first');
      remove();
    });
    remove = feed.subscribe(() => heard.push('second'));
    feed.emit(waited);
    feed.emit(waited);
    expect(heard).toEqual(['first', 'first']);
  });

  test('tells of the next event only whoever subscribes while one goes round: no listener can keep it going round', () => {
    const feed = createFeed();
    let heard = 0;
    const subscribeAnother = () => {
      heard++;
      if (heard < 100) feed.subscribe(subscribeAnother);
    };
    feed.subscribe(subscribeAnother);
    feed.emit(waited);
    expect(heard).toBe(1);
    feed.emit(waited);
    expect(heard).toBe(3);
  });

  test('hears a function that was added twice twice, and removes them one by one', () => {
    const feed = createFeed();
    let heard = 0;
    const listener = () => void heard++;
    const remove = feed.subscribe(listener);
    feed.subscribe(listener);
    feed.emit(waited);
    expect(heard).toBe(2);
    remove();
    remove();
    feed.emit(waited);
    expect(heard).toBe(3);
  });

  test('tells nobody after it was cleared', () => {
    const feed = createFeed();
    let heard = 0;
    feed.subscribe(() => void heard++);
    feed.clear();
    feed.emit(waited);
    expect(heard).toBe(0);
  });
});
