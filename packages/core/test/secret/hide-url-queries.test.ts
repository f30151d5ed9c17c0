import { describe, expect, test } from 'vitest';
import { hideUrlQueries } from '../../src/secret/hide-url-queries.ts';

describe('a message', () => {
  test.each([
    ['request to https://api.example/t?subscription-key=k failed', 'request to https://api.example/t failed'],
    ['HTTPS://API.EXAMPLE:8443/a#k=1', 'HTTPS://API.EXAMPLE:8443/a'],
    ['(tokens of http://127.0.0.1/t?a=b?c#d)', '(tokens of http://127.0.0.1/t)'],
    [
      '"https://a.example?b", <https://a.example/?b> and \'https://a.example/#b\'',
      '"https://a.example", <https://a.example/> and \'https://a.example/\'',
    ],
    ['https://a.example/b?c https://d.example/e?f', 'https://a.example/b https://d.example/e'],
  ])('keeps origin and path of its URLs: %s', (message, hidden) => {
    expect(hideUrlQueries(message)).toBe(hidden);
  });

  test.each(['What? No #1', 'realm "a?b" in environment c', 'https://a.example/b is what?', 'ftp://a?b', 'https://?'])(
    'that has no such URL stays as it is: %s',
    (message) => {
      expect(hideUrlQueries(message)).toBe(message);
    },
  );
});
