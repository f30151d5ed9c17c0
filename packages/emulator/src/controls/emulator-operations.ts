import * as v from 'valibot';
import type { EmulatorState } from '../state/emulator-state.ts';
import { DEFAULT_CLIENT_ID, DEFAULT_REALM, described, FIRST_USERNAME, instant, object } from '../state/schemas.ts';
import { exportSeed, resetState } from '../state/stored-seed.ts';
import { command, operation } from './operation.ts';

const problem = 'must be a finite number, 0 or more; the clock cannot be moved back';
const ms = v.pipe(
  v.number(problem),
  v.finite(problem),
  v.minValue(0, problem),
  v.description('How far to move the clock'),
);
const now = object({ now: described('epoch milliseconds', instant) });
const anything = v.array(v.looseObject({}));

/** The operations on the whole emulator, its clock and all tokens. */
export const emulatorOperations = [
  operation({
    name: 'describe',
    summary: 'Returns URL, default credential, environment variables, and the first account of the portal',
    arguments: object({}),
    result: object({
      url: v.string(),
      realm: v.string(),
      clientId: v.string(),
      clientSecret: v.string(),
      env: v.record(v.string(), v.string()),
      portal: object({ url: v.string(), username: v.string(), password: v.string() }),
    }),
    run: ({ state, url }) => describeEmulator(state, url),
  }),
  command('reset', 'Restores the seed; the clock keeps its time', ({ state }) => resetState(state)),
  operation({
    name: 'seed.export',
    summary: 'Returns the current credentials, portal users and customers as a seed, without secrets and passwords',
    arguments: object({}),
    result: object({ credentials: anything, portalUsers: anything, customers: anything }),
    run: ({ state }) => exportSeed(state),
  }),
  operation({
    name: 'clock.now',
    summary: 'Returns the time of the clock',
    arguments: object({}),
    result: now,
    run: ({ state }) => ({ now: state.clock.now() }),
  }),
  operation({
    name: 'clock.advance',
    summary: 'Moves the clock forward; it cannot be moved back',
    arguments: object({ ms }),
    positional: ['ms'],
    result: now,
    returns: null,
    isAudited: true,
    run({ state }, { ms }) {
      state.clock.advance(ms);
      state.rememberInstant();
      return { now: state.clock.now() };
    },
  }),
  command('tokens.revokeAll', 'Revokes every token', ({ state }) => state.tokens.revokeAll(state.clock.now())),
  command('tokens.expireAll', 'Makes every token expire now', ({ state }) => state.tokens.expireAll(state.clock.now())),
];

/** The URL of an emulator, its default credential and its portal. */
export interface EmulatorDescription {
  /** The base URL of the API, without a trailing slash. */
  readonly url: string;
  /** The realm of the default credential. */
  readonly realm: string;
  /** The client id of the default credential, which has the roles reader and writer. */
  readonly clientId: string;
  /** The secret that the default credential had when the emulator started. */
  readonly clientSecret: string;
  /** The environment variables that configure a client for this emulator and its default credential. */
  readonly env: Readonly<Record<`INSTELLIX_${string}`, string>>;
  /** The URL of the portal, and its first account (F12). */
  readonly portal: { readonly url: string; readonly username: string; readonly password: string };
}

/** Describes an emulator. `url` is its base URL as the caller sees it, without a trailing slash. */
export function describeEmulator({ credentials, digester, rules }: EmulatorState, url: string): EmulatorDescription {
  const generation = credentials.find(DEFAULT_CLIENT_ID)?.generation ?? 0;
  const clientSecret = digester.defaultSecret(generation);
  return {
    url,
    realm: DEFAULT_REALM,
    clientId: DEFAULT_CLIENT_ID,
    clientSecret,
    env: Object.freeze({
      INSTELLIX_API_URL: url,
      INSTELLIX_REALM: DEFAULT_REALM,
      INSTELLIX_CLIENT_ID: DEFAULT_CLIENT_ID,
      INSTELLIX_CLIENT_SECRET: clientSecret,
      // No INSTELLIX_TOKEN_URL: the client builds it from the realm, so that a wrong realm is detected.
      ...(rules.throttleWindowMs === 0 && { INSTELLIX_MIN_INTERVAL_MS: '0' }),
    }),
    portal: Object.freeze({ url: `${url}/portal`, username: FIRST_USERNAME, password: digester.firstPassword() }),
  };
}
