import { setTimeout as delay } from 'node:timers/promises';
import { VirtualClock } from '@instellix/testing';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  type Clock,
  createInstellixClient,
  formatTokenEvent,
  type InstellixClient,
  type InstellixClientOptions,
  isApiUnreachable,
  memoryTokenStore,
  type TokenEvent,
} from '../../src/index.ts';
import { clearVariables, setVariables } from '../configuration/variables.ts';

let client: InstellixClient | undefined;
let requests: string[];

beforeEach(() => {
  clearVariables();
  requests = [];
});
afterEach(() => client?.close());

/** Creates a client whose API and token endpoint are a function. */
function create(options: Partial<InstellixClientOptions> = {}): InstellixClient {
  client = createInstellixClient({
    environment: 'sandbox',
    realm: 'acme',
    clientId: 'id',
    clientSecret: 'planted-secret',
    async fetch(input, init) {
      requests.push(`${init?.method} ${input}`);
      return Response.json({ access_token: 'planted-token', token_type: 'bearer', expires_in: 300 });
    },
    ...options,
  });
  return client;
}

describe('authorizationHeader', () => {
  test('returns the value of an Authorization header, and requests one token', async () => {
    const { authorizationHeader } = create();
    expect(await Promise.all([authorizationHeader(), authorizationHeader()])).toEqual([
      'Bearer planted-token',
      'Bearer planted-token',
    ]);
    expect(requests).toEqual(['POST https://api.sandbox.instellix.io/acme/oauth2/token']);
  });

  test('accepts the options of getToken, and rejects as it does', async () => {
    const { authorizationHeader, close } = create();
    const reason = new Error('aborted');
    await expect(authorizationHeader({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(authorizationHeader({ minValidity: 5 } as never)).rejects.toThrow(TypeError);
    await close();
    await expect(authorizationHeader()).rejects.toMatchObject({ code: 'client_closed' });
    expect(requests).toEqual([]);
  });
});

describe('every token_requested is followed by an event that says how the request ended', () => {
  const hang: typeof fetch = (_, init) =>
    new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)));

  test.each(['the client is closed', 'the last caller aborts'])('when %s', async (when) => {
    const events: string[] = [];
    const abort = new AbortController();
    const requested = new Promise<void>((resolve) => {
      create({
        fetch: hang,
        onEvent: (event) => {
          events.push(event.type);
          if (event.type === 'token_requested') resolve();
        },
      });
    });
    const call = client?.getToken({ signal: abort.signal });
    const outcome = expect(call).rejects.toThrow();
    await requested;
    if (when === 'the last caller aborts') abort.abort();
    else await client?.close();
    await outcome;
    await vi.waitFor(() => expect(events).toEqual(['token_requested', 'token_request_aborted']));
  });

  describe('with a clock whose sleep wraps the reason of the signal, as that of node:timers/promises does,', () => {
    const clock: Clock = {
      now: () => Date.now(),
      monotonic: () => performance.now(),
      sleep: (ms, signal) => delay(ms, undefined, { ref: false, ...(signal && { signal }) }),
    };
    const unavailable = async () => new Response(null, { status: 503 });
    test.each<[string, typeof fetch, last: TokenEvent['type'], expected: TokenEvent['type'][]]>([
      [
        'while fetch ignores its signal',
        () => new Promise(() => {}),
        'token_requested',
        ['token_requested', 'token_request_aborted'],
      ],
      [
        'during a wait',
        unavailable,
        'waiting',
        ['token_requested', 'token_request_failed', 'waiting', 'token_request_aborted'],
      ],
    ])('when the last caller aborts %s', async (_, fetch, last, expected) => {
      const events: string[] = [];
      const abort = new AbortController();
      const onEvent = ({ type }: TokenEvent) => {
        events.push(type);
        if (type === last) abort.abort();
      };
      await expect(create({ clock, fetch, onEvent }).getToken({ signal: abort.signal })).rejects.toThrow();
      await vi.waitFor(() => expect(events).toEqual(expected));
    });
  });

  test('once, when a listener closes the client after a final failure', async () => {
    const events: string[] = [];
    create({
      fetch: async () => Response.json({ error: 'invalid_request' }, { status: 400 }),
      onEvent: ({ type }) => {
        events.push(type);
        if (type === 'token_request_failed') void client?.close();
      },
    });
    await expect(client?.getToken()).rejects.toThrow('closed');
    await client?.close();
    expect(events).toEqual(['token_requested', 'token_request_failed']);
  });
});

describe('INSTELLIX_DEBUG', () => {
  const lines = () => vi.mocked(console.error).mock.calls;
  beforeEach(() => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    vi.spyOn(console, 'log').mockImplementation(() => {});
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('writes each event to stderr through formatTokenEvent when it is 1', async () => {
    setVariables({ INSTELLIX_DEBUG: '1' });
    const events: TokenEvent[] = [];
    const { getToken } = create({ onEvent: (event) => events.push(event) });
    await getToken();
    expect(events.map(({ type }) => type)).toEqual(['token_requested', 'token_obtained']);
    expect(lines()).toEqual(events.map((event) => [formatTokenEvent(event)]));
    expect(lines().join()).not.toContain('planted');
    expect(console.log).not.toHaveBeenCalled();
  });

  test.each(['', '0', 'true', '2', '1 ', 'instellix'])('writes nothing when it is %j', async (value) => {
    setVariables({ INSTELLIX_DEBUG: value });
    await create().getToken();
    expect(lines()).toEqual([]);
  });

  test('is read when a client is created', async () => {
    const { getToken } = create();
    setVariables({ INSTELLIX_DEBUG: '1' });
    await getToken();
    expect(lines()).toEqual([]);
  });

  test('does not affect the client when writing fails', async () => {
    setVariables({ INSTELLIX_DEBUG: '1' });
    vi.mocked(console.error).mockImplementation(() => {
      throw new Error('EPIPE');
    });
    expect((await create().getToken()).value).toBe('planted-token');
  });
});

describe('INSTELLIX_MIN_INTERVAL_MS', () => {
  test('determines how long a token request waits for the previous one', async () => {
    const intervalOf = async (options: Partial<InstellixClientOptions>) => {
      const clock = new VirtualClock();
      const { getToken, status } = create({ ...options, clock });
      await getToken();
      return (status().nextRequestAllowedAt ?? 0) - clock.now();
    };
    setVariables({ INSTELLIX_MIN_INTERVAL_MS: '1234' });
    expect(await intervalOf({})).toBe(1_234);
    expect(await intervalOf({ tokenRequest: { minIntervalMs: 77 } })).toBe(77);
  });
});

describe('a client', () => {
  test('needs no `this` for its functions', async () => {
    const { getToken, peekToken, fetch, status, subscribe, close } = create();
    const events: TokenEvent[] = [];
    const unsubscribe = subscribe((event) => events.push(event));
    await getToken();
    expect(peekToken()?.value).toBe('planted-token');
    expect((await fetch('/customers')).status).toBe(200);
    expect(status().state).toBe('fresh');
    unsubscribe();
    await close();
    await close();
    expect(status().state).toBe('closed');
    expect(events.map(({ type }) => type)).toEqual(['token_requested', 'token_obtained']);
  });

  test('is frozen, and is closed by `await using`', async () => {
    const created = create();
    expect(Object.isFrozen(created)).toBe(true);
    await created[Symbol.asyncDispose]();
    expect(created.status().state).toBe('closed');
  });

  test('rejects calls after close() before anything is sent', async () => {
    const { close, fetch } = create();
    await close();
    await expect(fetch('/customers')).rejects.toMatchObject({ code: 'client_closed' });
    await expect(fetch('/customers', { headers: { authorization: 'Bearer mine' } })).rejects.toMatchObject({
      code: 'client_closed',
    });
    expect(requests).toEqual([]);
  });

  test('does not take a failure of the token endpoint for an unreachable API', async () => {
    const refused = Object.assign(new TypeError('fetch failed'), { cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
    const error = await create({ fetch: () => Promise.reject(refused) })
      .fetch('/customers')
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'token_endpoint_unavailable' });
    expect(isApiUnreachable(error)).toBe(false);
  });
});

describe('clients that share a store', () => {
  test.each<[string, Partial<InstellixClientOptions>]>([
    ['another realm', { realm: 'other' }],
    ['another id', { clientId: 'other' }],
    ['another environment', { environment: 'production' }],
    ['another scope', { tokenRequest: { scope: 'read', minIntervalMs: 0 } }],
  ])('share no token when one has %s', async (_, options) => {
    const store = memoryTokenStore();
    const tokenRequest = { minIntervalMs: 0 };
    await create({ store, tokenRequest }).getToken();
    await create({ store, tokenRequest }).getToken();
    expect(requests).toHaveLength(1);
    await create({ store, tokenRequest, ...options }).getToken();
    expect(requests).toHaveLength(2);
  });
});

describe('a client', () => {
  test.each([
    [0, 900],
    [0.5, 850],
    [0.999, 801],
  ])('whose random number is %d refreshes after a fraction that is less by as much', async (random, staleAtS) => {
    vi.spyOn(Math, 'random').mockReturnValue(random);
    const clock = new VirtualClock();
    const refresh = { atFraction: 0.9, jitterFraction: 0.1, expiryMarginMs: 1_000 };
    const fetch = async () => Response.json({ access_token: 'x', token_type: 'bearer', expires_in: 1_000 });
    const { getToken, status } = create({ clock, refresh, fetch });
    await getToken();
    await clock.advance((staleAtS - 2) * 1_000);
    expect(status().state).toBe('fresh');
    await clock.advance(4_000);
    expect(status().state).toBe('stale');
    vi.restoreAllMocks();
  });

  test('names its realm and environment in errors', async () => {
    const fetch = async () => Response.json({ error: 'invalid_scope' }, { status: 400 });
    await expect(create({ fetch }).getToken()).rejects.toThrow(/realm "acme" in environment sandbox/);
  });

  test('measures the interval between token requests by its own clock', async () => {
    const clock = new VirtualClock();
    let requested = 0;
    const fetch = async () => Response.json({ access_token: `t${++requested}`, token_type: 'bearer', expires_in: 300 });
    const { getToken } = create({ clock, fetch });
    const first = await getToken();
    await clock.advance(60_000);
    await getToken({ rejected: first });
    expect(requested).toBe(2);
  });

  test('reports no event after close', async () => {
    const events: TokenEvent[] = [];
    let issue = () => {};
    const fetch = () =>
      new Promise<Response>((resolve) => {
        issue = () => resolve(Response.json({ access_token: 'x', token_type: 'bearer', expires_in: 300 }));
      });
    const { getToken, subscribe, close } = create({ fetch, onEvent: (event) => events.push(event) });
    subscribe((event) => events.push(event));
    const waiting = getToken().catch(() => {});
    await vi.waitFor(() => expect(events.length).toBeGreaterThan(0));
    await close();
    const { length } = events;
    issue();
    await waiting;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(events).toHaveLength(length);
  });

  test('times its callers out by its own clock', async () => {
    const clock = new VirtualClock();
    const fetch = () => new Promise<never>(() => {});
    const waiting = create({ clock, fetch, tokenRequest: { maxWaitMs: 60_000 } }).getToken();
    const rejected = expect(waiting).rejects.toMatchObject({ code: 'token_request_timeout' });
    await clock.advance(60_000);
    await rejected;
  });

  test('keeps the process alive while a caller waits', async () => {
    const { getToken, close } = create({ fetch: () => new Promise<never>(() => {}) });
    const set = vi.spyOn(globalThis, 'setTimeout');
    const clear = vi.spyOn(globalThis, 'clearTimeout');
    onTestFinished(() => void vi.restoreAllMocks());
    const keepAlive = () => {
      const cleared = clear.mock.calls.map(([timer]) => timer);
      return set.mock.results.filter(({ value }) => value.hasRef() && !cleared.includes(value));
    };
    const waiting = getToken().catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    expect(keepAlive()).toHaveLength(1);
    await close();
    await waiting;
    expect(keepAlive()).toHaveLength(0);
  });
});
