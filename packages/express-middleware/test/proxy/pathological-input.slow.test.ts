import { expect, test } from 'vitest';
import { AllowList } from '../../src/proxy/allow-list.ts';
import { ProxyRejection } from '../../src/proxy/proxy-problem.ts';
import { RequestHeaders, readConnectionOptions } from '../../src/proxy/request-headers.ts';
import { isPlainPath, readTarget } from '../../src/proxy/request-target.ts';
import { ResponseHeaders } from '../../src/proxy/response-headers.ts';

const requestHeaders = new RequestHeaders([]);
const responseHeaders = new ResponseHeaders([]);
const allowList = new AllowList([{ methods: ['GET'], path: '/**', query: ['a'] }]);
const context = {
  apiUrl: new URL('http://127.0.0.1/v1/'),
  requested: '/v1/',
  mountPath: '/api',
  response: { getHeader: () => 'x' },
};

function readOrRefuse(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProxyRejection) return error;
    throw error;
  }
}

const readers: Record<string, (input: string) => unknown> = {
  'the path of a request': (input) => readOrRefuse(() => readTarget(`/${input}`, '')),
  'the path of a rule': (input) => isPlainPath(`/${input}`),
  'the query of a request': (input) => [
    readOrRefuse(() => readTarget(`/a?${input}`, '')),
    readOrRefuse(() => allowList.judge('GET', { path: '/a', query: `?${input}` })),
  ],
  Connection: (input) => readConnectionOptions(input),
  Via: (input) => readOrRefuse(() => requestHeaders.select({ via: input })),
  'the name of a request header': (input) => requestHeaders.select({ [input]: 'x' }),
  'the name of a response header': (input) => responseHeaders.select({ [input]: 'x' }, 200, context),
  Location: (input) => responseHeaders.select({ location: input }, 200, context),
  'Transfer-Encoding': (input) => responseHeaders.select({ 'transfer-encoding': input }, 200, context),
};

const parts = [
  '/',
  ' ',
  '%',
  '%25',
  '25',
  '%2e',
  '.',
  '../',
  ',',
  '=',
  '&',
  ';',
  'a',
  'instellix-proxy-0',
  'proxy-',
  'x-',
];

/** Returns the shortest time of several runs, in milliseconds: other processes only lengthen it. */
function time(read: (input: string) => unknown, input: string): number {
  const runs = Array.from({ length: 5 }, () => {
    const startedAt = performance.now();
    read(input);
    return performance.now() - startedAt;
  });
  return Math.min(...runs);
}

test.each(Object.entries(readers))('reads %s in linear time', (_, read) => {
  for (const part of parts) {
    // With an end that prevents an early match.
    const make = (length: number) => `%${part.repeat(length / part.length)}\n`;
    time(read, make(1_000));
    // Quadratic time would be 64 times as long, in each attempt. The constant covers measurements that are too short.
    const isLinear = () => time(read, make(64_000)) < 32 * time(read, make(8_000)) + 10;
    expect([part, [1, 2, 3, 4].some(isLinear)]).toEqual([part, true]);
  }
});
