import * as v from 'valibot';
import { rememberInstant } from '../state/open-state.ts';
import { instant, object } from '../state/schemas.ts';
import { exportSeed } from '../state/seed-rows.ts';
import { describeEmulator } from './describe-emulator.ts';
import { operation } from './operation.ts';

const problem = 'must be a finite number of milliseconds, 0 or more; the clock never goes back';
const ms = v.pipe(v.number(problem), v.finite(problem), v.minValue(0, problem), v.description('How far'));
const now = object({ now: v.pipe(instant, v.description('epoch milliseconds')) });
const anything = v.array(v.looseObject({}));
const strings = v.record(v.string(), v.string());
const portal = object({ url: v.string(), username: v.string(), password: v.string() });

/** What concerns the emulator as a whole, its clock, and all tokens. */
export const emulatorOperations = [
  operation({
    name: 'describe',
    summary: 'Returns what a client needs: URL, default credential, variables, and the first account of the portal',
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
  operation({
    name: 'reset',
    summary: 'Goes back to the seed; the clock stays',
    arguments: object({}),
    result: object({}),
    isAudited: true,
    run({ reset }) {
      reset();
      return {};
    },
  }),
  operation({
    name: 'seed.export',
    summary: 'Returns the present credentials, portal users and customers as a seed, without secrets and passwords',
    arguments: object({}),
    result: object({ credentials: anything, portalUsers: anything, customers: anything }),
    run: ({ state }) => exportSeed(state),
  }),
  operation({
    name: 'clock.now',
    summary: 'Returns the present instant',
    arguments: object({}),
    result: now,
    run: ({ state }) => ({ now: state.clock.now() }),
  }),
  operation({
    name: 'clock.advance',
    summary: 'Moves the clock forward; it never goes back',
    arguments: object({ ms }),
    positional: ['ms'],
    result: now,
    returns: null,
    isAudited: true,
    run({ state }, { ms }) {
      state.clock.advance(ms);
      rememberInstant(state);
      return { now: state.clock.now() };
    },
  }),
  operation({
    name: 'tokens.revokeAll',
    summary: 'Revokes every token',
    arguments: object({}),
    result: object({}),
    isAudited: true,
    run({ state: { tokens, clock } }) {
      tokens.revokeAll(clock.now());
      return {};
    },
  }),
  operation({
    name: 'tokens.expireAll',
    summary: 'Ends the lifetime of every token',
    arguments: object({}),
    result: object({}),
    isAudited: true,
    run({ state: { tokens, clock } }) {
      tokens.expireAll(clock.now());
      return {};
    },
  }),
];
