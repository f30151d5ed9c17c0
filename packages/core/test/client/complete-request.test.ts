import { beforeEach, describe, expect, test } from 'vitest';
import type { ApiAnswer, ApiCall } from '../../src/client/api-call.ts';
import { concludeCall } from '../../src/client/conclude-call.ts';
import { RequestRefusedError } from '../../src/error/request-refused-error.ts';
import { type AccessToken, createAccessToken } from '../../src/token/access-token.ts';

const token = createAccessToken('t1', 0, 300_000);
const renewed = createAccessToken('t2', 0, 300_000);
const answer = (status: number, boreToken = true, location: string | null = null): ApiAnswer => ({
  status,
  location,
  boreToken,
  hop: undefined,
});

/** What was done, in order. */
let done: string[];
let renewal: () => Promise<AccessToken>;

beforeEach(() => {
  done = [];
  renewal = async () => renewed;
});

/** A call whose later requests are answered in turn. */
function callWith(answers: ApiAnswer[], isReplayable = true): ApiCall<ApiAnswer> {
  const note = (entry: string) => void done.push(entry);
  return {
    apiUrl: new URL('https://api.example/v1/'),
    isReplayable,
    tokens: {
      async getToken({ rejected } = {}) {
        note(`renew ${rejected?.value} in the background`);
        return renewed;
      },
    },
    awaitToken(rejected) {
      note(`renew ${rejected.value}`);
      return renewal();
    },
    async send(sentWith, hop) {
      note(`send ${hop?.url.pathname ?? 'again'} with ${sentWith?.value ?? 'nothing'}`);
      return { ...(answers.shift() ?? answer(200)), hop };
    },
    sentAs: () => ({ url: new URL('https://api.example/v1/a'), method: 'GET', headers: new Headers(), hasBody: true }),
    discard: ({ status }) => note(`discard ${status}`),
    translate: (error) => error,
  };
}

describe('a 401', () => {
  test('is let go of before the request is sent again, once', async () => {
    expect(await concludeCall(callWith([answer(401)]), answer(401), token)).toEqual(answer(401));
    expect(done).toEqual(['renew t1', 'discard 401', 'send again with t2']);
  });

  test('behind a redirect has that request sent again, and not what led there', async () => {
    const answers = [answer(401), answer(307, true, 'c'), answer(200)];
    const last = await concludeCall(callWith(answers), answer(307, true, 'b'), token);
    expect(last.status).toBe(200);
    expect(done).toEqual([
      'discard 307',
      'send /v1/b with t1',
      'renew t1',
      'discard 401',
      'send /v1/b with t2',
      'discard 307',
      'send /v1/c with t2',
    ]);
  });

  test.each([
    ['to a request without our token', answer(401, false), token],
    ['to a request with a token of the caller’s own', answer(401, false), undefined],
  ])('%s is an answer like any other', async (_, first, sentWith) => {
    expect(await concludeCall(callWith([]), first, sentWith)).toBe(first);
    expect(done).toEqual([]);
  });

  test('to a body that is gone stays whole, and the token is renewed for whoever comes next', async () => {
    const first = answer(401);
    expect(await concludeCall(callWith([], false), first, token)).toBe(first);
    expect(done).toEqual(['renew t1 in the background']);
  });

  test('stays whole when the API refuses what renewals bring, too', async () => {
    const first = answer(401);
    renewal = () => Promise.reject(new RequestRefusedError('token_rejected', 'a storm'));
    expect(await concludeCall(callWith([]), first, token)).toBe(first);
    expect(done).toEqual(['renew t1']);
  });

  test('is let go of when there is no other token, for a reason that ends the call', async () => {
    renewal = () => Promise.reject(new Error('nothing to be had'));
    await expect(concludeCall(callWith([]), answer(401), token)).rejects.toThrow('nothing to be had');
    expect(done).toEqual(['renew t1', 'discard 401']);
  });
});

test.each([200, 204, 304, 400, 403, 500])('a %i is the answer, and nothing else is done', async (status) => {
  const first = answer(status);
  expect(await concludeCall(callWith([]), first, token)).toBe(first);
  expect(done).toEqual([]);
});
