import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJsonObject, parseTokenAnswer } from '../../src/endpoint/parse-token-answer.ts';
import { anyText } from './any-text.ts';

const parse = (text: string) => parseTokenAnswer(new TextEncoder().encode(text));
const problems = [
  'it is not a JSON object',
  'its access_token is not a bearer token',
  'its token_type is not bearer',
  'its expires_in is not a number of seconds above 0',
];

/** Answers that are nearly right, and now and then right. */
const nearly = fc.record(
  {
    access_token: fc.oneof(fc.string(), anyText(), fc.jsonValue(), fc.constant('abc.DEF-_~+/==')),
    token_type: fc.oneof(fc.constantFrom('bearer', 'Bearer', 'BEARER', 'mac'), fc.jsonValue()),
    expires_in: fc.oneof(fc.double(), fc.integer(), fc.integer().map(String), fc.jsonValue()),
  },
  { requiredKeys: [] },
);

function check(answer: ReturnType<typeof parse>): void {
  if (typeof answer === 'string') {
    expect(problems).toContain(answer);
    return;
  }
  expect(answer.value).toMatch(/^[A-Za-z0-9._~+/-]+=*$/);
  expect(answer.value.length).toBeLessThanOrEqual(8_192);
  expect(Number.isInteger(answer.lifetimeMs)).toBe(true);
  expect(answer.lifetimeMs).toBeGreaterThan(0);
  expect(answer.lifetimeMs).toBeLessThanOrEqual(86_400_000);
}

describe('whatever a server sends', () => {
  test('any JSON is a token that can be used or a problem that quotes nothing of it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => check(parse(text))),
      { numRuns: 1_000 },
    );
  });

  test('so is any text, and what follows the beginning of an answer', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        check(parse(text));
        check(parse(`{"access_token":"planted","token_type":"bearer"${text}`));
      }),
    );
  });

  test('so are any bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => check(parseTokenAnswer(bytes))));
  });

  test('so is what is nearly right', () => {
    fc.assert(
      fc.property(nearly, (answer) => check(parse(JSON.stringify(answer)))),
      { numRuns: 5_000 },
    );
  });
});

describe('a good answer', () => {
  test('gives the token as it is and the lifetime it states, at most a day', () => {
    const value = fc.stringMatching(/^[A-Za-z0-9._~+/-]{1,300}={0,2}$/);
    const seconds = fc.double({ min: 0.001, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(value, seconds, fc.boolean(), (access_token, expires_in, asText) => {
        fc.pre(!asText || /^\d+(\.\d+)?$/.test(String(expires_in)));
        const answer = { access_token, token_type: 'bearer', expires_in: asText ? String(expires_in) : expires_in };
        expect(parse(JSON.stringify(answer))).toEqual({
          value: access_token,
          lifetimeMs: Math.ceil(Math.min(expires_in, 86_400) * 1000),
          lifetimeAssumed: false,
        });
      }),
    );
  });

  test('may carry a token of 8 KiB, and not one character more, which no header could hold', () => {
    const answer = (length: number) =>
      parse(JSON.stringify({ access_token: 'a'.repeat(length), token_type: 'bearer' }));
    expect(answer(8_192)).toMatchObject({ lifetimeMs: 300_000, lifetimeAssumed: true });
    expect(answer(8_193)).toBe(problems[1]);
  });
});

describe('a problem', () => {
  const token = '"access_token":"planted","token_type":"bearer"';

  test.each([
    ['planted', problems[0]],
    ['[]', problems[0]],
    ['null', problems[0]],
    ['"planted"', problems[0]],
    ['{"token_type":"bearer"}', problems[1]],
    ['{"access_token":"planted"}', problems[2]],
    [`{${token},"expires_in":"planted"}`, problems[3]],
    [`{${token},"expires_in":"1.5.2"}`, problems[3]],
    [`{${token},"expires_in":".5"}`, problems[3]],
    [`{${token},"expires_in":"${'9'.repeat(400)}"}`, problems[3]],
  ])('%s: names the field, so that the server can be mended', (text, problem) => {
    expect(parse(text)).toBe(problem);
  });
});

test('a byte order mark is ignored once, invalid UTF-8 never', () => {
  expect(parseJsonObject(new TextEncoder().encode('\ufeff{"a":1}'))).toEqual({ a: 1 });
  expect(parseJsonObject(new TextEncoder().encode('\ufeff\ufeff{"a":1}'))).toBeUndefined();
  expect(parseJsonObject(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d))).toBeUndefined();
});

test('JSON that is no object has no fields to be read', () => {
  for (const text of ['[]', 'null', '"x"', '1']) {
    expect(parseJsonObject(new TextEncoder().encode(text))).toBeUndefined();
  }
});
