import { expect, test } from 'vitest';
import type { RequestEntry } from '../../src/state/request-entry.ts';
import { RequestLog } from '../../src/state/request-log.ts';

const entry = (at: number): RequestEntry => ({ at, endpoint: 'token', method: 'POST', status: 200, reason: 'issued' });
const any = (): boolean => true;

test('keeps only the newest entries', () => {
  const requestLog = new RequestLog(100);
  for (let at = 1; at <= 1_000; at += 1) requestLog.add(entry(at));
  expect(requestLog.count(any)).toBe(100);
  expect(requestLog.list(any).map(({ at }) => at)).toEqual(Array.from({ length: 100 }, (_, index) => 901 + index));
});

test('entries are frozen', () => {
  const requestLog = new RequestLog();
  requestLog.add(entry(1));
  expect(Object.isFrozen(requestLog.list(any)[0])).toBe(true);
  requestLog.list(any).pop();
  expect(requestLog.count(any)).toBe(1);
});

test('waitFor returns earlier and later matching entries', async () => {
  const requestLog = new RequestLog();
  requestLog.add(entry(1));
  const wait = requestLog.waitFor(({ at }) => at !== 2, 3, 60_000);
  for (const at of [2, 3, 4, 5]) requestLog.add(entry(at));
  expect((await wait).map(({ at }) => at)).toEqual([1, 3, 4]);
});

test('waitFor rejects with the number of matching requests', async () => {
  const requestLog = new RequestLog();
  requestLog.add(entry(1));
  await expect(requestLog.waitFor(any, 2, 5)).rejects.toThrow(
    /^requests\.waitFor: only 1 of 2 matching requests arrived within 5 ms$/,
  );
});

test('close rejects every wait', async () => {
  const requestLog = new RequestLog();
  const wait = requestLog.waitFor(any, 1, 60_000);
  requestLog.close();
  await expect(wait).rejects.toThrow(/^requests\.waitFor: the emulator was closed after 0 of 1 matching requests$/);
});

test('clear restarts the count of waitFor', async () => {
  const requestLog = new RequestLog();
  requestLog.add(entry(1));
  const wait = requestLog.waitFor(any, 2, 60_000);
  requestLog.clear();
  requestLog.add(entry(2));
  requestLog.add(entry(3));
  expect((await wait).map(({ at }) => at)).toEqual([2, 3]);
});
