import * as v from 'valibot';
import { REASONS, REQUEST_LOG_CAPACITY, type RequestEntry } from '../state/request-log.ts';
import { choice, described, instant, integer, MAX_TIMER_MS, object, string } from '../state/schemas.ts';
import { operation } from './operation.ts';

/** Below the default time limit of test runners (5 s), so that the error names the missing requests. */
const DEFAULT_WAIT_MS = 4_000;

const statusProblem = 'must be an HTTP status from 100 to 599, or 0 for requests without a response';
const realm = described('The realm', string(256));
const clientId = described('The client id', string(256));
const fields = {
  endpoint: described('token, or method and path such as "GET /customers"', string(8_192)),
  method: described('The HTTP method', string(20)),
  status: v.pipe(
    v.number(statusProblem),
    v.integer(statusProblem),
    v.check((status) => status === 0 || (status >= 100 && status <= 599), statusProblem),
    v.metadata({ minimum: 0, maximum: 599 }),
    v.description('The status of the response; 0: no response'),
  ),
  reason: described('The reason for the response', choice(...REASONS)),
  realm,
  clientId,
};
const since = v.optional(described('Only requests at or after this instant', instant));
const filter = object({ ...v.partial(v.object(fields)).entries, since });
const entry = object({ at: instant, ...fields, realm: v.optional(realm), clientId: v.optional(clientId) });
const timeoutMs = described('How long to wait, in real time', v.optional(integer(0, MAX_TIMER_MS), DEFAULT_WAIT_MS));

/** The operations on the request log. */
export const requestOperations = [
  operation({
    name: 'requests.list',
    summary: 'Lists the requests that match every field of the filter, oldest first',
    arguments: filter,
    result: object({ requests: v.array(entry) }),
    returns: 'requests',
    worksClosed: true,
    run: ({ state }, filter) => ({ requests: state.requestLog.list(toTest(filter)) }),
  }),
  operation({
    name: 'requests.count',
    summary: 'Counts the requests that match every field of the filter',
    arguments: filter,
    result: object({ count: integer(0, REQUEST_LOG_CAPACITY) }),
    returns: 'count',
    worksClosed: true,
    run: ({ state }, filter) => ({ count: state.requestLog.list(toTest(filter)).length }),
  }),
  operation({
    name: 'requests.waitFor',
    summary: 'Waits until `count` requests match the filter, and lists them',
    arguments: object({
      filter: described('Selects the requests that match every field; {} selects all', filter),
      count: described('How many requests must match', v.optional(integer(1, REQUEST_LOG_CAPACITY), 1)),
      timeoutMs,
    }),
    positional: ['filter'],
    result: object({ requests: v.array(entry) }),
    returns: 'requests',
    worksClosed: true,
    async run({ state }, { filter, count, timeoutMs }) {
      return { requests: await state.requestLog.waitFor(toTest(filter), count, timeoutMs) };
    },
  }),
  operation({
    name: 'requests.follow',
    summary: 'Lists the requests after the first `after` ones; when there are none, waits for one',
    repeatedAs: { verb: 'tail', summary: 'Prints each new request' },
    arguments: object({ after: v.optional(integer(0, Number.MAX_SAFE_INTEGER)), timeoutMs }),
    result: object({ entries: v.array(entry), next: integer(0, Number.MAX_SAFE_INTEGER) }),
    worksClosed: true,
    async run({ state: { requestLog } }, { after = requestLog.total, timeoutMs }) {
      if (requestLog.total <= after && timeoutMs > 0) await requestLog.waitForNext(timeoutMs);
      return { entries: requestLog.listAfter(after), next: requestLog.total };
    },
  }),
];

function toTest({ since = 0, ...fields }: v.InferOutput<typeof filter>): (entry: RequestEntry) => boolean {
  const wanted = Object.entries(fields).filter(([, value]) => value !== undefined);
  return (entry) => entry.at >= since && wanted.every(([name, value]) => entry[name as keyof RequestEntry] === value);
}
