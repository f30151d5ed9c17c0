import { beforeEach, describe, expect, test } from 'vitest';
import { completeRequest } from '../../src/client/complete-request.ts';
import type { DriverResponse, RequestDriver } from '../../src/client/request-driver.ts';
import { RequestRefusedError } from '../../src/error/request-refused-error.ts';
import { type AccessToken, createAccessToken } from '../../src/token/access-token.ts';

const token = createAccessToken('t1', 0, 300_000);
const refreshed = createAccessToken('t2', 0, 300_000);
const respond = (status: number, hadToken = true, location: string | null = null): TestResponse => ({
  status,
  location,
  hadToken,
  state: undefined,
});

interface TestResponse extends DriverResponse {
  readonly location: string | null;
}

/** The operations that were called, in order. */
let operations: string[];
let refresh: () => Promise<AccessToken>;

beforeEach(() => {
  operations = [];
  refresh = async () => refreshed;
});

/** A driver that returns the given responses in turn. */
function driverWith(responses: TestResponse[], isResendable = true): RequestDriver<TestResponse> {
  const note = (entry: string) => void operations.push(entry);
  return {
    isResendable,
    tokens: {
      async getToken({ rejected } = {}) {
        note(`refresh ${rejected?.value} in the background`);
        return refreshed;
      },
    },
    refreshToken(rejected) {
      note(`refresh ${rejected.value}`);
      return refresh();
    },
    async send(sentWith, state) {
      note(`send ${state?.url.pathname ?? 'again'} with ${sentWith?.value ?? 'nothing'}`);
      return { ...(responses.shift() ?? respond(200)), state };
    },
    discard: ({ status }) => note(`discard ${status}`),
    redirects: {
      apiUrl: new URL('https://api.example/v1/'),
      readLocation: ({ location }) => location,
      sentState: () => ({
        url: new URL('https://api.example/v1/a'),
        method: 'GET',
        headers: new Headers(),
        hasBody: true,
      }),
    },
  };
}

describe('a 401', () => {
  test('between redirects is resent once, and grants no further redirects', async () => {
    const around = [respond(302, true, 'b'), respond(401)];
    const last = await completeRequest(driverWith([respond(401), ...around]), respond(302, true, 'a'), token);
    expect(last.status).toBe(401);
    expect(operations.filter((operation) => operation.startsWith('refresh'))).toEqual(['refresh t1']);
    const redirects = (count: number) => Array.from({ length: count }, () => respond(302, true, 'a'));
    const many = driverWith([...redirects(9), respond(401), ...redirects(11)]);
    await expect(completeRequest(many, respond(302, true, 'a'), token)).rejects.toThrow(
      'more redirects than are allowed',
    );
  });

  test('is resent once more when the refreshed token came from the store: it may have been revoked with the first', async () => {
    const tokens = [createAccessToken('shared', 0, 300_000, true), refreshed];
    refresh = async () => tokens.shift() ?? refreshed;
    const driver = driverWith([respond(401), respond(401)]);
    expect(await completeRequest(driver, respond(401), token)).toEqual(respond(401));
    expect(operations).toEqual([
      'refresh t1',
      'discard 401',
      'send again with shared',
      'refresh shared',
      'discard 401',
      'send again with t2',
    ]);
  });

  test('is discarded, and the request is resent once', async () => {
    expect(await completeRequest(driverWith([respond(401)]), respond(401), token)).toEqual(respond(401));
    expect(operations).toEqual(['refresh t1', 'discard 401', 'send again with t2']);
  });

  test('after a redirect resends that request, and not those before it', async () => {
    const responses = [respond(401), respond(307, true, 'c'), respond(200)];
    const last = await completeRequest(driverWith(responses), respond(307, true, 'b'), token);
    expect(last.status).toBe(200);
    expect(operations).toEqual([
      'discard 307',
      'send /v1/b with t1',
      'refresh t1',
      'discard 401',
      'send /v1/b with t2',
      'discard 307',
      'send /v1/c with t2',
    ]);
  });

  test.each([
    ['for a request without our token', respond(401, false), token],
    ['for a request with a token of the caller', respond(401, false), undefined],
  ])('%s is returned', async (_, first, sentWith) => {
    expect(await completeRequest(driverWith([]), first, sentWith)).toBe(first);
    expect(operations).toEqual([]);
  });

  test('for a body that cannot be resent is returned, and the token is refreshed in the background', async () => {
    const first = respond(401);
    expect(await completeRequest(driverWith([], false), first, token)).toBe(first);
    expect(operations).toEqual(['refresh t1 in the background']);
  });

  test('is returned when the API refuses each refreshed token, too', async () => {
    const first = respond(401);
    refresh = () => Promise.reject(new RequestRefusedError('token_rejected', 'a rejection loop'));
    expect(await completeRequest(driverWith([]), first, token)).toBe(first);
    expect(operations).toEqual(['refresh t1']);
  });

  test('after a redirect that has removed a body that cannot be resent resends that request', async () => {
    const state = { url: new URL('https://api.example/v1/b'), method: 'GET', headers: new Headers(), hasBody: false };
    const first = { ...respond(401), state };
    expect((await completeRequest(driverWith([], false), first, token)).status).toBe(200);
    expect(operations).toEqual(['refresh t1', 'discard 401', 'send /v1/b with t2']);
  });

  test('is discarded when no other token can be obtained', async () => {
    refresh = () => Promise.reject(new Error('no token'));
    await expect(completeRequest(driverWith([]), respond(401), token)).rejects.toThrow('no token');
    expect(operations).toEqual(['refresh t1', 'discard 401']);
  });
});

test.each([200, 204, 304, 400, 403, 500])('a %i is returned', async (status) => {
  const first = respond(status);
  expect(await completeRequest(driverWith([]), first, token)).toBe(first);
  expect(operations).toEqual([]);
});
