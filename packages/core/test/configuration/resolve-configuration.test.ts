import { beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/clock/system-clock.ts';
import type { InstellixClientOptions } from '../../src/configuration/instellix-client-options.ts';
import { resolveConfiguration } from '../../src/configuration/resolve-configuration.ts';
import { absurdInputs } from './absurd-inputs.ts';
import { problemsOf } from './problems-of.ts';
import { clearVariables, setVariables } from './variables.ts';

const valid: InstellixClientOptions = {
  environment: 'sandbox',
  realm: 'acme',
  clientId: 'orders-service',
  clientSecret: 'correct horse battery staple',
};

beforeEach(clearVariables);

describe('absurd input is refused with a sentence that says what to mend', () => {
  it.each(absurdInputs)('$title', ({ options, variables, problem }) => {
    setVariables(variables ?? {});
    const given = typeof options === 'function' ? options() : { ...(variables ? {} : valid), ...options };
    const problems = problemsOf(() => resolveConfiguration(given as InstellixClientOptions));
    const expected = [problem].flat();
    expect(problems).toEqual(expected.map((said) => (said instanceof RegExp ? expect.stringMatching(said) : said)));
    for (const sentence of problems) expect(sentence).toMatch(/^\S.{20,}[^.?!]\.$/);
  });

  it('has enough rows to be worth its name', () => {
    expect(absurdInputs.length).toBeGreaterThanOrEqual(60);
    expect(new Set(absurdInputs.map(({ title }) => title)).size).toBe(absurdInputs.length);
  });
});

describe('resolveConfiguration', () => {
  it('needs no more than four options, or four variables', () => {
    const fromOptions = resolveConfiguration(valid);
    setVariables({
      INSTELLIX_ENVIRONMENT: 'sandbox',
      INSTELLIX_REALM: 'acme',
      INSTELLIX_CLIENT_ID: 'orders-service',
      INSTELLIX_CLIENT_SECRET: 'correct horse battery staple',
    });
    const fromVariables = resolveConfiguration();
    for (const { environment, realm, clientId } of [fromOptions, fromVariables]) {
      expect(environment.tokenUrl.href).toBe('https://api.sandbox.instellix.io/acme/oauth2/token');
      expect({ realm, clientId }).toEqual({ realm: 'acme', clientId: 'orders-service' });
    }
  });

  it('uses the documented defaults for all that is left out', () => {
    const { tokenRequest, refresh, store, clock, onEvent } = resolveConfiguration(valid);
    expect({ tokenRequest, refresh, store, onEvent }).toEqual({
      tokenRequest: {
        bodyFormat: 'multipart',
        basicEncoding: 'raw',
        scope: undefined,
        timeoutMs: 10_000,
        minIntervalMs: 5_500,
        maxWaitMs: 30_000,
      },
      refresh: { atFraction: 0.8, jitterFraction: 0.05, expiryMarginMs: undefined },
      store: undefined,
      onEvent: undefined,
    });
    expect(clock).toBe(systemClock);
  });

  it('lets each option win over its variable, so that code can be sure of what it asks for', async () => {
    setVariables({
      INSTELLIX_ENVIRONMENT: 'production',
      INSTELLIX_REALM: 'variable-realm',
      INSTELLIX_CLIENT_ID: 'variable-id',
      INSTELLIX_CLIENT_SECRET: 'variable-secret',
    });
    const { environment, realm, clientId, readSecret } = resolveConfiguration(valid);
    expect([environment.name, realm, clientId, await readSecret()]).toEqual([
      'sandbox',
      'acme',
      'orders-service',
      'correct horse battery staple',
    ]);
    const mixed = resolveConfiguration({ realm: 'acme' });
    expect([mixed.environment.name, mixed.realm, mixed.clientId]).toEqual(['production', 'acme', 'variable-id']);
  });

  it('does not complain about a broken variable whose option is given', () => {
    setVariables({
      INSTELLIX_ENVIRONMENT: 'prod',
      INSTELLIX_REALM: 'a/b',
      INSTELLIX_CLIENT_SECRET_FILE: '/does/not/exist',
    });
    expect(problemsOf(() => resolveConfiguration(valid))).toEqual([]);
  });

  it('takes an empty variable for one that is not set, as shells and compose files leave them', () => {
    setVariables({ INSTELLIX_API_URL: '', INSTELLIX_CLIENT_SECRET: '', INSTELLIX_REALM: '' });
    expect(resolveConfiguration(valid).environment.apiUrl.href).toBe('https://api.sandbox.instellix.io/');
    expect(problemsOf(() => resolveConfiguration({ ...valid, realm: undefined as unknown as string }))).toEqual([
      expect.stringMatching(/^realm \(variable INSTELLIX_REALM\) is missing/),
    ]);
  });

  it('reports everything at once, so that nobody mends one thing per deployment', () => {
    const problems = problemsOf(() =>
      resolveConfiguration({
        environment: 'prod',
        realm: 'a/b',
        clientId: 'a:b',
        clientSecret: ' ',
        store: {},
        tokenRequest: { timeoutMs: -1, scope: '' },
        refresh: { atFraction: 2, expiryMarginMs: Number.NaN },
        fetch: 1,
        clock: null,
        onEvent: 'log',
        extra: true,
      } as unknown as InstellixClientOptions),
    );
    for (const subject of [
      /^environment /,
      /^realm /,
      /^clientId /,
      /^clientSecret /,
      /^store /,
      /^tokenRequest.timeoutMs /,
      /^tokenRequest.scope /,
      /^refresh.atFraction /,
      /^refresh.expiryMarginMs /,
      /^fetch /,
      /^clock /,
      /^onEvent /,
      /"extra"/,
    ]) {
      expect(problems.filter((problem) => subject.test(problem))).toHaveLength(1);
    }
    expect(problems).toHaveLength(13);
  });

  it('names option and variable of each thing that is missing when nothing is given', () => {
    expect(problemsOf(() => resolveConfiguration())).toEqual([
      expect.stringMatching(/^environment .*INSTELLIX_ENVIRONMENT.*production, sandbox, stage.*INSTELLIX_API_URL/),
      expect.stringMatching(/^realm .*INSTELLIX_REALM/),
      expect.stringMatching(/^clientId .*INSTELLIX_CLIENT_ID/),
      expect.stringMatching(/^clientSecret .*INSTELLIX_CLIENT_SECRET or INSTELLIX_CLIENT_SECRET_FILE/),
    ]);
  });

  it('is not changed by what the caller does to the options afterwards', async () => {
    const apiUrl = new URL('https://one.example.com');
    const options = {
      ...valid,
      environment: { apiUrl },
      tokenRequest: { scope: 'orders:read', timeoutMs: 1_000 },
      refresh: { atFraction: 0.5 },
    };
    const configuration = resolveConfiguration(options);
    apiUrl.host = 'two.example.com';
    options.environment.apiUrl = new URL('https://three.example.com');
    Object.assign(options.tokenRequest, { scope: 'all', timeoutMs: 1 });
    Object.assign(options.refresh, { atFraction: 0.1 });
    Object.assign(options, { realm: 'other', clientId: 'other', clientSecret: 'other' });
    expect(configuration.environment.tokenUrl.href).toBe('https://one.example.com/acme/oauth2/token');
    expect(configuration.tokenRequest).toMatchObject({ scope: 'orders:read', timeoutMs: 1_000 });
    expect(configuration.refresh.atFraction).toBe(0.5);
    expect([configuration.realm, configuration.clientId, await configuration.readSecret()]).toEqual([
      'acme',
      'orders-service',
      'correct horse battery staple',
    ]);
  });

  it('reads each option once, so that a getter cannot pass the check and then change its mind', () => {
    let reads = 0;
    const options = {
      ...valid,
      get realm() {
        reads++;
        return reads === 1 ? 'acme' : '../admin';
      },
    };
    expect(resolveConfiguration(options).environment.tokenUrl.pathname).toBe('/acme/oauth2/token');
    expect(reads).toBe(1);
  });

  it('takes options from an instance of a class and from an object without prototype', () => {
    class Settings {
      readonly environment = 'stage';
      readonly realm = 'acme';
      readonly clientId = 'id';
      get clientSecret() {
        return 'secret';
      }
    }
    expect(resolveConfiguration(new Settings()).environment.name).toBe('stage');
    expect(resolveConfiguration(Object.assign(Object.create(null), valid)).environment.name).toBe('sandbox');
  });

  it('looks the platform fetch up at each call, so that instrumentation installed later sees token requests', async () => {
    const { fetch } = resolveConfiguration(valid);
    const answer = new Response('patched');
    vi.stubGlobal('fetch', async () => answer);
    try {
      expect(await fetch('https://api.example.com')).toBe(answer);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('calls a given fetch without `this`, as browsers insist on', async () => {
    const seen: unknown[] = [];
    const settings = resolveConfiguration({
      ...valid,
      async fetch(this: unknown, ...given: unknown[]) {
        seen.push(this, ...given);
        return new Response();
      },
    });
    const init = { method: 'POST' };
    await settings.fetch('https://api.example.com', init);
    expect(seen).toEqual([undefined, 'https://api.example.com', init]);
  });

  it('hands on the store, clock and listener that it was given', () => {
    const nothing = async () => undefined;
    const store = { read: nothing, claim: nothing, commit: nothing, release: nothing, remove: nothing } as never;
    const clock = { now: () => 0, monotonic: () => 0, sleep: async () => {} };
    const onEvent = () => {};
    const configuration = resolveConfiguration({ ...valid, store, clock, onEvent });
    expect(configuration.store).toBe(store);
    expect(configuration.clock).toBe(clock);
    expect(configuration.onEvent).toBe(onEvent);
  });

  it('works where there is no process, as in a browser', () => {
    vi.stubGlobal('process', undefined);
    const resolve = () => resolveConfiguration(valid).environment.name;
    const complain = () => problemsOf(() => resolveConfiguration());
    const outcomes = [resolve(), complain().length];
    vi.unstubAllGlobals();
    expect(outcomes).toEqual(['sandbox', 4]);
  });
});
