import { expect, test } from 'vitest';
import { Journal } from '../../src/journal/journal.ts';
import type { RequestEntry } from '../../src/journal/request-entry.ts';

const entry = (at: number): RequestEntry => ({ at, endpoint: 'token', method: 'POST', status: 200, reason: 'issued' });
const any = (): boolean => true;

test('keeps the newest entries and no more than it may, so that a long run does not eat the memory', () => {
  const journal = new Journal(100);
  for (let at = 1; at <= 1_000; at += 1) journal.add(entry(at));
  expect(journal.count(any)).toBe(100);
  expect(journal.list(any).map(({ at }) => at)).toEqual(Array.from({ length: 100 }, (_, index) => 901 + index));
});

test('entries cannot be changed by those who read them', () => {
  const journal = new Journal();
  journal.add(entry(1));
  expect(Object.isFrozen(journal.list(any)[0])).toBe(true);
  journal.list(any).pop();
  expect(journal.count(any)).toBe(1);
});

test('whoever waits gets what is there already and what comes, and nothing that does not match', async () => {
  const journal = new Journal();
  journal.add(entry(1));
  const wait = journal.waitFor(({ at }) => at !== 2, 3, 60_000);
  for (const at of [2, 3, 4, 5]) journal.add(entry(at));
  expect((await wait).map(({ at }) => at)).toEqual([1, 3, 4]);
});

test('whoever waits in vain is told how far it came', async () => {
  const journal = new Journal();
  journal.add(entry(1));
  await expect(journal.waitFor(any, 2, 5)).rejects.toThrow(
    /^requests\.waitFor: 1 of 2 matching requests came within 5 ms$/,
  );
});

test('closing ends every wait', async () => {
  const journal = new Journal();
  const wait = journal.waitFor(any, 1, 60_000);
  journal.close();
  await expect(wait).rejects.toThrow(/^requests\.waitFor: the emulator was closed after 0 of 1 requests$/);
});

test('clearing starts the count of those who wait anew', async () => {
  const journal = new Journal();
  journal.add(entry(1));
  const wait = journal.waitFor(any, 2, 60_000);
  journal.clear();
  journal.add(entry(2));
  journal.add(entry(3));
  expect((await wait).map(({ at }) => at)).toEqual([2, 3]);
});
