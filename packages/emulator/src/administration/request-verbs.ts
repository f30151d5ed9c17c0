import { REASONS } from '../state/reason.ts';
import { choice, count, instant, list, object, text } from './json-schema.ts';
import type { Verb } from './verb.ts';

const status = { type: 'integer', minimum: 0, maximum: 599 };
const fields = { endpoint: text, method: text, status, reason: choice(...REASONS), realm: text, clientId: text };
const entry = object({ at: instant, ...fields }, ['realm', 'clientId']);
const filter = object({ ...fields, since: instant }, [...Object.keys(fields), 'since']);
const timeoutMs = { ...count, maximum: 240_000, description: 'in real time; 4000 when left out' };

/** The request log over HTTP. */
export const requestVerbs: readonly Verb[] = [
  {
    path: 'requests/list',
    summary: 'Lists the requests that agree with every field of the filter, oldest first',
    request: filter,
    answer: object({ requests: list(entry) }),
    run: async ({ controls }, given) => ({ requests: await controls.requests.list(given) }),
  },
  {
    path: 'requests/count',
    summary: 'Counts the requests that agree with every field of the filter',
    request: filter,
    answer: object({ count }),
    run: async ({ controls }, given) => ({ count: await controls.requests.count(given) }),
  },
  {
    path: 'requests/waitFor',
    summary: 'Waits until `count` requests agree with the filter; 408 when they do not come in time',
    request: object({ filter, count: { type: 'integer', minimum: 1 }, timeoutMs }, ['count', 'timeoutMs']),
    answer: object({ requests: list(entry) }),
    async run({ controls }, given) {
      const { filter, ...options } = given;
      return { requests: await controls.requests.waitFor(filter as never, options as never) };
    },
  },
  {
    path: 'requests/follow',
    summary: 'Lists the requests behind the first `after` of all times, waiting for a new one when there is none',
    request: object({ after: count, timeoutMs }, ['after', 'timeoutMs']),
    answer: object({ entries: list(entry), next: count }),
    run: async ({ controls }, given) => controls.requests.follow(given),
  },
];
