import { expect, test } from 'vitest';
import { EmulatorClock } from '../../src/state/emulator-clock.ts';
import { instant } from '../../src/state/schemas.ts';
import { validate } from '../../src/state/validate.ts';
import { START, useEmulators } from '../wire/emulators.ts';

const start = useEmulators();

test('a frozen clock moves by exactly advance()', async () => {
  const emulator = await start();
  expect(emulator.clock.now().toISOString()).toBe(START);
  await emulator.clock.advance(90_061);
  await emulator.clock.advance(0);
  expect(emulator.clock.now().toISOString()).toBe('2026-01-01T00:01:30.061Z');
});

test('a running clock is real time plus all advances', () => {
  const before = Date.now();
  const clock = new EmulatorClock(undefined);
  clock.advance(3_600_000);
  const now = clock.now();
  expect(now).toBeGreaterThanOrEqual(before + 3_600_000 - 5);
  expect(now).toBeLessThanOrEqual(Date.now() + 3_600_000 + 5);
});

test('rounds to whole milliseconds', () => {
  const clock = new EmulatorClock(0);
  clock.advance(0.1 * 3 * 1000);
  expect(clock.now()).toBe(300);
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '1', undefined, 1n, 9e15])(
  'advance(%s) rejects and leaves the clock unchanged',
  async (ms) => {
    const emulator = await start();
    await expect(emulator.clock.advance(ms as number)).rejects.toThrow(/^clock\.advance: ms: /);
    expect(emulator.clock.now().toISOString()).toBe(START);
  },
);

test.each([
  [new Date(START), START],
  [Date.parse(START), START],
  ['2026-01-01', START],
  ['2026-01-01T01:00:00+01:00', START],
  ['2026-01-01T00:00Z', START],
])('clock: %s', (option, expected) => {
  expect(new Date(validate(instant, option, 'clock')).toISOString()).toBe(expected);
});

test.each([
  '',
  'now',
  '1',
  '2026',
  '2026-13-01',
  '01.02.2026',
  -1,
  Number.NaN,
  1e15,
  new Date(Number.NaN),
  null,
  true,
  {},
])('clock: %s is an error that names the accepted values', (option) => {
  expect(() => validate(instant, option, 'clock')).toThrow(/^clock: must be a Date, an ISO 8601 date such as /);
});
