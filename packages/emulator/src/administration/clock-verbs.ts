import { readObject } from '../state/input/read-object.ts';
import { count, instant, object } from './json-schema.ts';
import type { Verb } from './verb.ts';

const now = object({ now: instant });

/** The clock over HTTP. */
export const clockVerbs: readonly Verb[] = [
  {
    path: 'clock/now',
    summary: 'Tells the present instant',
    request: object({}),
    answer: now,
    async run({ controls }, given) {
      readObject(given, 'clock.now()', []);
      return { now: controls.clock.now().getTime() };
    },
  },
  {
    path: 'clock/advance',
    summary: 'Moves the clock forward; it never goes back',
    request: object({ ms: count }),
    answer: now,
    isAudited: true,
    async run({ controls }, given) {
      await controls.clock.advance(readObject(given, 'clock.advance(ms)', ['ms'])['ms'] as number);
      return { now: controls.clock.now().getTime() };
    },
  },
];
