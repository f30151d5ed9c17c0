import type { Clock } from '../clock/clock.ts';
import { rejectOnAbort } from '../clock/reject-on-abort.ts';
import { maxTimerMs, systemClock } from '../clock/system-clock.ts';
import { createEnvironment, type Environment } from '../environment/environment.ts';
import { environmentValidator } from '../environment/environment-validator.ts';
import type { TokenStore } from '../store/token-store.ts';
import type { TokenEvent } from '../token/token-event.ts';
import { clientSecretValidator } from './client-secret-validator.ts';
import type { InstellixClientOptions } from './instellix-client-options.ts';
import { object, readOptions } from './object-validator.ts';
import { describeUnknownVariables, readVariable } from './read-variable.ts';
import { func, number, oneOf, orVariable, required, string, type Validator, withMethods } from './validator.ts';

/** The checked and complete configuration of a client; independent of the options object that it was read from. Durations are in milliseconds. */
export interface Configuration {
  /** With the token URL of the realm. */
  readonly environment: Environment;
  readonly realm: string;
  readonly clientId: string;
  /** Called before every token request; rejects with a ConfigurationError when what it reads is no usable secret. */
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
  /** Called without `this`. */
  readonly fetch: typeof fetch;
  /** Its `sleep` rejects with the reason of the signal. */
  readonly clock: Clock;
  /** Called with each event. */
  readonly onEvent: ((event: TokenEvent) => void) | undefined;
}

/** The longest interval or timeout of a token request, in milliseconds. Processes that share a store wait as long for each other. */
const maxRequestMs = 3_600_000;

/** These must never come from two credentials by accident. */
const identity = ['environment', 'realm', 'clientId', 'clientSecret'] as const;

/** Reads each clock once, because a `now` that returns a `Date` or nothing would disturb every comparison without an error. */
const clockValidator: Validator<Clock | undefined> = (value, label, problems) => {
  const clock = withMethods<Clock>('now', 'monotonic', 'sleep')(value, label, problems);
  if (clock && !(Number.isFinite(clock.now()) && Number.isFinite(clock.monotonic()))) {
    problems.push(`${label}.now and ${label}.monotonic must return a number of milliseconds.`);
  }
  return clock;
};

/** What each option must be. A function, so that bundlers can drop it. */
const createOptionsValidator = () =>
  object(
    {
      environment: environmentValidator,
      realm: orVariable(
        'INSTELLIX_REALM',
        required(
          string(
            ', of at most 255 characters, without slash, backslash, percent-encoding or dot segment',
            // Otherwise it could leave its path segment when a server decodes the path once or twice.
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
        timeoutMs: number(1, maxRequestMs),
        minIntervalMs: number(0, maxRequestMs),
        maxWaitMs: number(1, maxTimerMs),
      }),
      refresh: object({
        atFraction: number(0, 1),
        jitterFraction: number(0, 1),
        expiryMarginMs: number(0, maxTimerMs),
      }),
      fetch: func<typeof fetch>(),
      clock: clockValidator,
      onEvent: func<(event: TokenEvent) => void>(),
    },
    identity,
  );

/**
 * Completes options from the variables and checks them.
 *
 * @throws ConfigurationError with all problems at once
 */
export function resolveConfiguration(options: InstellixClientOptions = {}): Configuration {
  return readOptions(createOptionsValidator(), options, ({ tokenRequest, refresh, ...given }, problems) => {
    const { bodyFormat = 'multipart', basicEncoding = 'raw', scope } = tokenRequest;
    const { timeoutMs = 10_000, maxWaitMs = 30_000 } = tokenRequest;
    const minIntervalMs = tokenRequest.minIntervalMs ?? readMinInterval(problems) ?? 5_500;
    const { atFraction = 0.8, jitterFraction = Math.min(0.05, atFraction / 2), expiryMarginMs } = refresh;
    if (jitterFraction >= atFraction) {
      problems.push('refresh.atFraction must be above 0 and above refresh.jitterFraction.');
    }
    if (basicEncoding === 'raw' && given.clientId?.includes(':')) {
      problems.push(
        'clientId (variable INSTELLIX_CLIENT_ID) must not contain a colon unless tokenRequest.basicEncoding is form.',
      );
    }
    const unknown = describeUnknownVariables();
    if (problems.length > 0 && unknown) problems.push(unknown);
    return {
      ...given,
      environment: createEnvironment(given.environment, given.realm),
      readSecret: given.clientSecret,
      tokenRequest: { bodyFormat, basicEncoding, scope, timeoutMs, minIntervalMs, maxWaitMs },
      refresh: { atFraction, jitterFraction, expiryMarginMs },
      // Looked up at each call, so that instrumentation installed later counts; without `this`, which browsers require.
      fetch: (input: RequestInfo | URL, init?: RequestInit) => (given.fetch ?? globalThis.fetch)(input, init),
      clock: given.clock ? adaptClock(given.clock) : systemClock,
    };
  });
}

/** Lets `sleep` reject with the reason of the signal. The clocks of others may wrap it, as `node:timers/promises` does. */
function adaptClock(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => rejectOnAbort(clock.sleep(ms, signal), signal),
  };
}

const minIntervalVariable = 'INSTELLIX_MIN_INTERVAL_MS';

/** For servers without the throttle, such as an emulator in tests. */
function readMinInterval(problems: string[]): number | undefined {
  const value = readVariable(minIntervalVariable);
  if (value === undefined) return undefined;
  // Only digits: `Number` also accepts an empty string, a hexadecimal number and surrounding spaces.
  const ms = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  return number(0, maxRequestMs)(ms, `tokenRequest.minIntervalMs (variable ${minIntervalVariable})`, problems);
}
