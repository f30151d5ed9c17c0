import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRetryAfter } from '../../src/endpoint/retry-after.ts';
import { anyText } from './any-text.ts';

const now = Date.UTC(2026, 10, 6, 8, 49, 37, 250);

describe('Retry-After', () => {
  test.each<[string, number]>([
    ['0', 0],
    ['7', 7_000],
    ['007', 7_000],
    ['300', 300_000],
    ['Fri, 06 Nov 2026 08:49:39 GMT', 1_750],
    ['Fri, 06 Nov 2026 08:49:30 GMT', 0],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ])('%j is accepted', (value, ms) => {
    expect(parseRetryAfter(value, now)).toBe(ms);
  });

  test.each(['301', '86400', '9'.repeat(400), 'Fri, 06 Nov 2126 08:49:37 GMT'.replace('Fri', 'Wed')])(
    '%s counts as five minutes',
    (value) => {
      expect(parseRetryAfter(value, now)).toBe(300_000);
    },
  );

  test.each([
    '',
    ' ',
    '-1',
    '+1',
    '1.5',
    '1e3',
    '0x10',
    'Infinity',
    'NaN',
    'soon',
    '120, 120',
    '7 seconds',
    'Invalid Date',
    '2026-11-06T08:49:39Z',
    'Fri Nov 06 2026',
    'Fri, 06 Nov 2026 08:49:39',
    'Fri, 06 Nov 2026 08:49:39 CET',
    'Mon, 06 Nov 2026 08:49:39 GMT',
    'Sat, 31 Feb 2026 08:49:39 GMT',
    'Fri, 06 Nov 2026 25:49:39 GMT',
  ])('%j is ignored', (value) => {
    expect(parseRetryAfter(value, now)).toBeUndefined();
  });

  test('any string is ignored or a time within the next five minutes', () => {
    const texts = fc.oneof(fc.string(), anyText(), fc.date().map(String), fc.nat().map(String));
    fc.assert(
      fc.property(texts, fc.integer(), (value, at) => {
        const ms = parseRetryAfter(value, at);
        if (ms === undefined) return;
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThanOrEqual(300_000);
      }),
    );
  });

  test('both formats give the same time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 4e9 }), (seconds, atSecond) => {
        const at = atSecond * 1000;
        expect(parseRetryAfter(String(seconds), at)).toBe(seconds * 1000);
        expect(parseRetryAfter(new Date(at + seconds * 1000).toUTCString(), at)).toBe(seconds * 1000);
      }),
    );
  });
});
