import { readObject } from '../state/input/read-object.ts';
import { readText } from '../state/input/read-text.ts';
import { choice, count, list, nothing, object, text } from './json-schema.ts';
import type { Verb } from './verb.ts';

const fault = object(
  {
    on: { ...text, description: '`token`, or method and path such as `GET /customers`' },
    clientId: text,
    nth: { type: 'integer', minimum: 1 },
    times: { type: 'integer', minimum: 1 },
    delayMs: count,
    respond: object(
      {
        status: { type: 'integer', minimum: 200, maximum: 599 },
        headers: { type: 'object', additionalProperties: text },
        body: text,
      },
      ['headers', 'body'],
    ),
    socket: choice('reset', 'hang', 'truncate'),
  },
  ['clientId', 'nth', 'times', 'delayMs', 'respond', 'socket'],
);
const summary = object({ id: text, hits: count, fault });

/** The faults over HTTP. */
export const faultVerbs: readonly Verb[] = [
  {
    path: 'faults/add',
    summary: 'Makes the emulator misbehave',
    request: fault,
    answer: object({ id: text }),
    isAudited: true,
    async run({ controls }, given) {
      const { id } = await controls.faults.add(given as never);
      return { id };
    },
  },
  {
    path: 'faults/list',
    summary: 'Lists the faults, oldest first, and how often each was hit',
    request: object({}),
    answer: object({ faults: list(summary) }),
    async run({ controls }, given) {
      readObject(given, 'faults.list()', []);
      return { faults: await controls.faults.list() };
    },
  },
  {
    path: 'faults/remove',
    summary: 'Ends a fault; an id that is not known (any more) is harmless',
    request: object({ id: text }),
    answer: object({ hits: count }),
    isAudited: true,
    async run({ state }, given) {
      const id = readText(readObject(given, 'faults.remove(id)', ['id'])['id'], 'faults.remove(id)', 100);
      return { hits: state.faults.remove(id) };
    },
  },
  {
    path: 'faults/clear',
    summary: 'Ends all faults',
    request: object({}),
    answer: nothing,
    isAudited: true,
    async run({ controls }, given) {
      readObject(given, 'faults.clear()', []);
      await controls.faults.clear();
      return {};
    },
  },
];
