import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatTokenEvent } from '../../src/token/format-token-event.ts';
import type { TokenEvent, TokenEventDetails } from '../../src/token/token-event.ts';

const at = Date.UTC(2026, 10, 28, 12);
const format = (details: TokenEventDetails) =>
  formatTokenEvent({ at, environment: 'sandbox', realm: 'acme', ...details });

describe('formatTokenEvent', () => {
  test.each<[TokenEventDetails, string]>([
    [
      { type: 'token_requested', why: 'missing', attempt: 1 }, //
      'token_requested why=missing attempt=1',
    ],
    [
      { type: 'token_obtained', from: 'endpoint', lifetimeMs: 300_000, tookMs: 84 },
      'token_obtained from=endpoint lifetimeMs=300000 tookMs=84',
    ],
    [
      {
        type: 'token_request_failed',
        code: 'token_endpoint_unavailable',
        reason: 'ECONNREFUSED',
        retryInMs: 250,
        stillServing: true,
      },
      'token_request_failed code=token_endpoint_unavailable reason=ECONNREFUSED retryInMs=250 stillServing=true',
    ],
    [
      { type: 'token_request_failed', code: 'token_request_refused', status: 400, stillServing: false },
      'token_request_failed code=token_request_refused status=400 stillServing=false',
    ],
    [{ type: 'waiting', for: 'throttle', waitMs: 5_500 }, 'waiting for=throttle waitMs=5500'],
    [{ type: 'waiting', for: 'other_process' }, 'waiting for=other_process'],
    [{ type: 'token_rejected', refreshSuspended: false }, 'token_rejected refreshSuspended=false'],
    [{ type: 'token_request_aborted' }, 'token_request_aborted'],
    [{ type: 'lifetime_assumed', lifetimeMs: 300_000 }, 'lifetime_assumed lifetimeMs=300000'],
    [
      { type: 'store_failed', operation: 'claim', reason: 'NOPERM', timedOut: false },
      'store_failed operation=claim reason=NOPERM timedOut=false',
    ],
  ])('formats %o', (details, expected) => {
    expect(format(details)).toBe(`2026-11-28T12:00:00.000Z instellix sandbox/acme ${expected}`);
  });

  test('rounds durations to whole milliseconds', () => {
    expect(format({ type: 'waiting', for: 'retry', waitMs: 187.5 })).toMatch(/ waitMs=188$/);
  });

  test.each([
    ['no response within 250 ms', '"no response within 250 ms"'],
    ['a "quoted" word', String.raw`"a \"quoted\" word"`],
    ['', '""'],
    ['a=b', '"a=b"'],
    ['first\r\nsecond', String.raw`"first\r\nsecond"`],
    ['first\u2028second\u2029third\u0085', String.raw`"first\u2028second\u2029third\u0085"`],
    ['\u001b[31mred\u007f', String.raw`"\u001b[31mred\u007f"`],
    ['https://api.test:8443/a-b.c', 'https://api.test:8443/a-b.c'],
  ])('quotes a value only if it contains something else than word characters and .:/- : %j', (reason, expected) => {
    const line = format({ type: 'store_failed', operation: 'read', reason, timedOut: false });
    expect(line).toContain(` reason=${expected} timedOut=`);
  });

  test('quotes environment and realm together', () => {
    const details = { type: 'lifetime_assumed', lifetimeMs: 300_000 } as const;
    const line = formatTokenEvent({ at, environment: 'our test', realm: 'acme', ...details });
    expect(line).toBe('2026-11-28T12:00:00.000Z instellix "our test/acme" lifetime_assumed lifetimeMs=300000');
  });

  test('is one line without control characters, whatever an event contains', () => {
    const string = fc.string({
      maxLength: 20,
      unit: fc.oneof(
        fc.constantFrom('\n', '\r', '\u0085', '\u2028', '\u2029', '"', '\\'),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      ),
    });
    fc.assert(
      fc.property(string, string, string, (environment, realm, reason) => {
        const event: TokenEvent = {
          at,
          environment,
          realm,
          type: 'store_failed',
          operation: 'read',
          reason,
          timedOut: true,
        };
        const line = formatTokenEvent(event);
        expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        const [, subject, written] =
          /^\S+ instellix (\S+|".*") store_failed operation=read reason=(\S+|".*") timedOut=true$/.exec(line) ?? [];
        const read = (text = '') => (text.startsWith('"') ? JSON.parse(text) : text);
        expect([read(subject), read(written)]).toEqual([`${environment}/${realm}`, reason]);
      }),
    );
  });
});
