import * as v from 'valibot';
import { described, instant, object } from '../state/schemas.ts';
import { exportSeed, resetState } from '../state/stored-seed.ts';
import { describeEmulator } from './describe-emulator.ts';
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
const strings = v.record(v.string(), v.string());
const portal = object({ url: v.string(), username: v.string(), password: v.string() });

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
      env: strings,
      portal,
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
