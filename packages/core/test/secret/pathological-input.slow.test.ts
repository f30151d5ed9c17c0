import { describe, expect, test } from 'vitest';
import { isApiUrl } from '../../src/client/api-url.ts';
import { nextState } from '../../src/client/follow-redirect.ts';
import { object } from '../../src/configuration/object-validator.ts';
import { string } from '../../src/configuration/validator.ts';
import { classifyConnectionFailure } from '../../src/endpoint/connection-failure.ts';
import { parseErrorResponse } from '../../src/endpoint/parse-error-response.ts';
import { parseTokenResponse } from '../../src/endpoint/parse-token-response.ts';
import { parseRetryAfter } from '../../src/endpoint/retry-after.ts';
import { createTokenRequestBody } from '../../src/endpoint/token-request-body.ts';
import { urlValidator } from '../../src/environment/url-validator.ts';
import { readBearerChallenge } from '../../src/refusal/read-bearer-challenge.ts';
import { hideUrlQueries } from '../../src/secret/hide-url-queries.ts';
import { createRedactor } from '../../src/secret/redactor.ts';
import { describeReason, sanitizeError } from '../../src/secret/sanitize-error.ts';
import { formatTokenEvent } from '../../src/token/format-token-event.ts';

const utf8 = new TextEncoder();
const redact = createRedactor(['planted-secret', 'aaaaaaaab', '  ==  x']);
const json = (value: unknown) => utf8.encode(JSON.stringify(value));
const apiUrl = new URL('https://api.example/v1/');

/** What core does with strings that a server, a redirect, a store or an error of other code chooses. */
const readers: Record<string, (text: string) => unknown> = {
  redact,
  hideUrlQueries,
  'sanitizeError and describeReason': (text) =>
    describeReason(sanitizeError(Object.assign(new Error(text), { code: text, stack: text, name: text }), redact)),
  classifyConnectionFailure: (text) =>
    classifyConnectionFailure(sanitizeError(Object.assign(new Error(text), { code: text }), (same) => same)),
  parseErrorResponse: (text) => parseErrorResponse(json({ error: text, error_description: text }), redact),
  'parseTokenResponse, access_token': (text) => parseTokenResponse(json({ access_token: text })),
  'parseTokenResponse, expires_in': (text) =>
    parseTokenResponse(json({ access_token: 'a', token_type: 'bearer', expires_in: text })),
  parseRetryAfter: (text) => parseRetryAfter(text, 0),
  'readBearerChallenge, parameters': (text) => readBearerChallenge(`Bearer ${text}`),
  'readBearerChallenge, scope': (text) => readBearerChallenge(`Bearer scope="${text}"`),
  nextState: (text) => {
    const state = { url: apiUrl, method: 'GET', headers: new Headers(), hasBody: false };
    return nextState(302, `/${text}`, state);
  },
  isApiUrl: (text) => isApiUrl(apiUrl, new URL(`v1/${text}`, 'https://api.example')),
  formatTokenEvent: (reason) =>
    formatTokenEvent({
      at: 0,
      environment: 'e',
      realm: 'r',
      type: 'store_failed',
      operation: 'read',
      reason,
      timedOut: false,
    }),
  'string()': (text) => string()(`x${text}`, 'option', []),
  'object(), keys': (text) => object({})({ [text]: 1 }, 'option', []),
  urlValidator: (text) => urlValidator(false, 'query', /[?#]/)(`http://${text}localhost`, 'option', []),
  createTokenRequestBody: (text) => createTokenRequestBody('multipart', `instellix-token-request${text}`),
};

const fillers = [
  ' ',
  '\t',
  '\n',
  '"',
  '=',
  '\\',
  ',',
  '/',
  '.',
  ';',
  '-',
  'a',
  'A',
  '0',
  '%',
  '%2e',
  '%25',
  '?',
  'https://',
  'https://a?b ',
  '../',
  ' ,',
  ', a=',
  'a=a ',
  'a="\\"',
  '"\\',
  'Bearer ',
  'Basic a ',
  'access_token=',
  'access_token ="',
  '\u00ff',
  '\ud83d\ude00',
];

/** Returns the shortest time of several runs, in milliseconds: other processes only lengthen it. */
function measure(run: () => unknown): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let runs = 0; runs < 4; runs++) {
    const start = performance.now();
    try {
      run();
    } catch {
      // Some strings are refused, which takes time, too.
    }
    shortest = Math.min(shortest, performance.now() - start);
  }
  return shortest;
}

/**
 * Compares the times for a sixteenth of a length and the whole. Linear work takes some 16 times as long, quadratic work 256 times. The
 * bound is between the two, because times on a busy machine are not exact.
 */
function isLinear(read: (text: string) => unknown, filler: string, length = 65_536): boolean {
  const small = filler.repeat(length / 16 / filler.length);
  const large = filler.repeat(length / filler.length);
  // Compiles the expressions, which are interpreted at first.
  measure(() => read(small));
  const smallMs = measure(() => read(small));
  // A floor, because times of microseconds say nothing.
  return measure(() => read(large)) <= 64 * Math.max(smallMs, 0.1);
}

describe('64 KiB of anything take time in proportion to their length', () => {
  test.each(Object.entries(readers))('%s', (_, read) => {
    // A busy machine may lengthen one measurement, but quadratic work fails all of them.
    const isEverLinear = (filler: string) => [1, 2, 3, 4].some(() => isLinear(read, filler));
    expect(fillers.filter((filler) => !isEverLinear(filler))).toEqual([]);
  });

  test.each([
    ['=', /=+$/],
    ['"', /\W+x/],
    ['a=', /(?:a=)+$/],
  ])('which a quadratic expression for %j does not', (filler, expression) => {
    expect(isLinear((text) => expression.test(`${text}y`), filler, 16_384)).toBe(false);
  });
});

describe('long input is cut before it is searched', () => {
  test('the strings of an error to 64 KiB', () => {
    const lengths: number[] = [];
    const text = 'a'.repeat(1_000_000);
    sanitizeError(Object.assign(new Error(text), { code: text, stack: text }), (given) => {
      lengths.push(given.length);
      return given;
    });
    expect(Math.max(...lengths)).toBe(65_536);
  });

  test('a challenge to 8 KiB', () => {
    const at = (length: number) => `Bearer realm="${'a'.repeat(length)}", scope="a"`;
    expect(readBearerChallenge(at(8_150)).scope).toBe('a');
    expect(readBearerChallenge(at(8_192)).scope).toBeUndefined();
  });
});
