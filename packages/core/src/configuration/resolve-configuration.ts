import type { Clock } from '../clock/clock.ts';
import { systemClock } from '../clock/system-clock.ts';
import { createEnvironment, type Environment } from '../environment/environment.ts';
import { environmentValidator } from '../environment/environment-validator.ts';
import type { TokenStore } from '../store/token-store.ts';
import type { TokenEvent } from '../token/token-event.ts';
import { clientSecretValidator } from './client-secret-validator.ts';
import type { InstellixClientOptions } from './instellix-client-options.ts';
import { object, readOptions } from './object-validator.ts';
import { func, oneOf, required, number, orVariable, string, withMethods } from './validator.ts';

/** All that a client needs to know, checked and complete; independent of the options that it came from. */
export interface Configuration {
  readonly environment: Environment;
  readonly realm: string;
  readonly clientId: string;
  /** Asked before every token request; rejects with a ConfigurationError when what it reads is no usable secret. */
  readonly readSecret: () => Promise<string>;
  readonly tokenRequest: {
    readonly bodyFormat: 'multipart' | 'urlencoded';
    readonly basicEncoding: 'raw' | 'form';
    readonly scope: string | undefined;
    readonly timeoutMs: number;
    readonly minIntervalMs: number;
    readonly maxWaitMs: number;
  };
  readonly refresh: {
    readonly atFraction: number;
    readonly jitterFraction: number;
    /** Undefined: 10 s or a tenth of the lifetime, whichever is less. */
    readonly expiryMarginMs: number | undefined;
  };
  /** Undefined: the client makes a memory store of its own. */
  readonly store: TokenStore | undefined;
  /** Needs no `this`, whatever the given one wants. */
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly onEvent: ((event: TokenEvent) => void) | undefined;
}

/** Timers count in 32 bits. */
const longestMs = 2 ** 31 - 1;

/** What each option must be. Made when it is required, so that bundlers can drop it. */
const clientOptionsRule = () =>
  object({
    environment: environmentValidator,
    realm: orVariable(
      'INSTELLIX_REALM',
      required(
        string(
          ', of at most 255 characters, without slash, backslash, percent-encoding or dot segment',
          // What would leave its place in a path, at the first or a second decoding.
          /^(?!\.\.?$|.*%[\da-f]{2})[^\\/]{1,255}$/is,
        ),
      ),
    ),
    clientId: orVariable('INSTELLIX_CLIENT_ID', required(string())),
    clientSecret: clientSecretValidator,
    store: withMethods<TokenStore>('read', 'claim', 'commit', 'release', 'remove'),
    tokenRequest: object({
      bodyFormat: oneOf('multipart', 'urlencoded'),
      basicEncoding: oneOf('raw', 'form'),
      scope: string(
        ', in ASCII without quotes and backslashes, its parts separated by single spaces',
        /^[!#-[\]-~]+( [!#-[\]-~]+)*$/,
      ),
      timeoutMs: number(1, longestMs),
      minIntervalMs: number(0, longestMs),
      maxWaitMs: number(1, longestMs),
    }),
    refresh: object({
      atFraction: number(0, 1),
      jitterFraction: number(0, 1),
      expiryMarginMs: number(0, longestMs),
    }),
    fetch: func<typeof fetch>(),
    clock: withMethods<Clock>('now', 'monotonic', 'sleep'),
    onEvent: func<(event: TokenEvent) => void>(),
  });

/**
 * Completes options from the variables and checks them.
 *
 * @throws ConfigurationError with all problems at once
 */
export function resolveConfiguration(options: InstellixClientOptions = {}): Configuration {
  return readOptions(clientOptionsRule(), options, ({ tokenRequest, refresh, ...given }, problems) => {
    const { bodyFormat = 'multipart', basicEncoding = 'raw', scope, maxWaitMs = 30_000 } = tokenRequest;
    const { minIntervalMs = 5_500, timeoutMs = Math.min(10_000, maxWaitMs) } = tokenRequest;
    const { atFraction = 0.8, jitterFraction = Math.min(0.05, atFraction / 2), expiryMarginMs } = refresh;
    // The default of the interval contradicts nobody: who waits less is told so when it comes to that.
    if (Math.max(timeoutMs, tokenRequest.minIntervalMs ?? 0) > maxWaitMs) {
      problems.push('tokenRequest.maxWaitMs must not be less than timeoutMs and minIntervalMs.');
    }
    if (jitterFraction >= atFraction) {
      problems.push('refresh.atFraction must be above 0 and above refresh.jitterFraction.');
    }
    if (basicEncoding === 'raw' && given.clientId?.includes(':')) {
      problems.push(
        'clientId (variable INSTELLIX_CLIENT_ID) must not hold a colon unless tokenRequest.basicEncoding is form.',
      );
    }
    return {
      ...given,
      environment: createEnvironment(given.environment, given.realm),
      readSecret: given.clientSecret,
      tokenRequest: { bodyFormat, basicEncoding, scope, timeoutMs, minIntervalMs, maxWaitMs },
      refresh: { atFraction, jitterFraction, expiryMarginMs },
      // Looked up at each call, so that instrumentation installed later counts; without `this`, which browsers insist on.
      fetch: (input: RequestInfo | URL, init?: RequestInit) => (given.fetch ?? globalThis.fetch)(input, init),
      clock: given.clock ?? systemClock,
    };
  });
}
