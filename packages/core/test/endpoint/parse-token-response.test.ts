import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJsonObject, parseTokenResponse } from '../../src/endpoint/parse-token-response.ts';
import { anyText } from './any-text.ts';

const parse = (text: string) => parseTokenResponse(new TextEncoder().encode(text));
const problems = [
  'it is not a JSON object',
  'its access_token is not a bearer token',
  'its token_type is not bearer',
  'its expires_in is not a number of seconds above 0',
];

/** Responses that are almost valid, and sometimes valid. */
const nearly = fc.record(
  {
    access_token: fc.oneof(fc.string(), anyText(), fc.jsonValue(), fc.constant('abc.DEF-_~+/==')),
    token_type: fc.oneof(fc.constantFrom('bearer', 'Bearer', 'BEARER', 'mac'), fc.jsonValue()),
    expires_in: fc.oneof(fc.double(), fc.integer(), fc.integer().map(String), fc.jsonValue()),
  },
  { requiredKeys: [] },
);

function check(response: ReturnType<typeof parse>): void {
  if (typeof response === 'string') {
    expect(problems).toContain(response);
    return;
  }
  expect(response.value).toMatch(/^[A-Za-z0-9._~+/-]+=*$/);
  expect(response.value.length).toBeLessThanOrEqual(8_192);
  expect(Number.isInteger(response.lifetimeMs)).toBe(true);
  expect(response.lifetimeMs).toBeGreaterThan(0);
  expect(response.lifetimeMs).toBeLessThanOrEqual(86_400_000);
}

describe('any response', () => {
  test('of any JSON is a usable token or a problem that quotes nothing of it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => check(parse(text))),
      { numRuns: 1_000 },
    );
  });

  test('of any text is, too', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        check(parse(text));
        check(parse(`{"access_token":"planted","token_type":"bearer"${text}`));
      }),
    );
  });

  test('of any bytes is, too', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => check(parseTokenResponse(bytes))));
  });

  test('that is almost valid is, too', () => {
    fc.assert(
      fc.property(nearly, (response) => check(parse(JSON.stringify(response)))),
      { numRuns: 5_000 },
    );
  });
});

describe('a valid response', () => {
  test('has its token unchanged and its lifetime, at most a day', () => {
    const value = fc.stringMatching(/^[A-Za-z0-9._~+/-]{1,300}={0,2}$/);
    const seconds = fc.double({ min: 0.001, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(value, seconds, fc.boolean(), (access_token, expires_in, asText) => {
        fc.pre(!asText || /^\d+(\.\d+)?$/.test(String(expires_in)));
        const response = { access_token, token_type: 'bearer', expires_in: asText ? String(expires_in) : expires_in };
        expect(parse(JSON.stringify(response))).toEqual({
          value: access_token,
          lifetimeMs: Math.ceil(Math.min(expires_in, 86_400) * 1000),
          lifetimeAssumed: false,
        });
      }),
    );
  });

  test('may have a token of 8 KiB and no more, because a header must hold it', () => {
    const respond = (length: number) =>
      parse(JSON.stringify({ access_token: 'a'.repeat(length), token_type: 'bearer' }));
    expect(respond(8_192)).toMatchObject({ lifetimeMs: 300_000, lifetimeAssumed: true });
    expect(respond(8_193)).toBe(problems[1]);
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
  ])('of %s names the field', (text, problem) => {
    expect(parse(text)).toBe(problem);
  });
});

test('a byte order mark is ignored once, and invalid UTF-8 is refused', () => {
  expect(parseJsonObject(new TextEncoder().encode('\ufeff{"a":1}'))).toEqual({ a: 1 });
  expect(parseJsonObject(new TextEncoder().encode('\ufeff\ufeff{"a":1}'))).toBeUndefined();
  expect(parseJsonObject(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d))).toBeUndefined();
});

test('JSON whose top level is not an object is refused', () => {
  for (const text of ['[]', 'null', '"x"', '1']) {
    expect(parseJsonObject(new TextEncoder().encode(text))).toBeUndefined();
  }
});

test('fields of Object.prototype are not read, and a field __proto__ sets no prototype', () => {
  const prototype = Object.prototype as { access_token?: string; token_type?: string };
  prototype.access_token = 'polluted';
  prototype.token_type = 'bearer';
  try {
    expect(parse('{}')).toBe(problems[1]);
    expect(parse('{"__proto__":{"access_token":"evil","token_type":"bearer"}}')).toBe(problems[1]);
  } finally {
    delete prototype.access_token;
    delete prototype.token_type;
  }
});
