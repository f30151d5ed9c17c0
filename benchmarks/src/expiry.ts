import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn, setInterval as ticks } from 'node:timers/promises';
import type { Random } from '@instellix/testing/seeded-random';
import type { Benchmark, BenchmarkReport } from './harness/benchmark.ts';
import { shuffled } from './harness/shuffled.ts';
import { contestants } from './subjects/contestants.ts';
import { instellix } from './subjects/instellix.ts';
import type { OpenSubject, Subject } from './subjects/subject.ts';
import type { Credential } from './token-server/credential.ts';
import { TokenServer, vendorThrottleMs } from './token-server/token-server.ts';

const defaultExpiries = 3;
/** Short, so that several tokens expire during a run, but longer than the throttle, which prevents an earlier refresh. */
const tokenTtlSeconds = 8;
/** The duration of a token request over the internet. On loopback, a stampede would end before the next call. */
const tokenDelayMs = 100;
const callEveryMs = 40;
/** After a longer stall of the event loop, calls of all subjects were late. */
const maxStallMs = 400;

/** Whether calls fail or wait when a token expires. */
export const expiry: Benchmark = {
  title: 'Expiry: tokens end while calls go on',
  async run({ rounds: expiries = defaultExpiries, random, onProgress }) {
    const durationMs = (expiries + 0.25) * tokenTtlSeconds * 1000;
    onProgress(
      `${Math.round(durationMs / 1000)} s of steady load over ${expiries} expiries, throttle on and off side by side`,
    );
    const options = { tokenTtlSeconds, tokenDelayMs };
    await using throttled = await TokenServer.start({ ...options, throttleWindowMs: vendorThrottleMs });
    await using unthrottled = await TokenServer.start({ ...options, throttleWindowMs: 0 });
    const lanes: Lane[] = [];
    for (const server of [throttled, unthrottled]) {
      for (const subject of contestants) lanes.push(await openLane(subject, server, server === throttled));
    }
    const hasStalled = await load(lanes, durationMs, random);
    const results = await Promise.all(lanes.map(closeLane));
    return report(results, expiries, hasStalled);
  },
};

/** One subject under load from one server. */
interface Lane {
  readonly subject: Subject;
  readonly server: TokenServer;
  readonly isThrottled: boolean;
  readonly credential: Credential;
  readonly open: OpenSubject;
  readonly requestsBefore: number;
  readonly calls: Promise<CallOutcome>[];
}

interface CallOutcome {
  /** No token, or one that the API rejected. */
  readonly hasFailed: boolean;
  /** The call waited for a token request. */
  readonly wasLate: boolean;
}

/** The counts of one subject. */
interface Result {
  readonly subject: string;
  readonly isThrottled: boolean;
  readonly calls: number;
  readonly failed: number;
  readonly late: number;
  readonly tokenRequests: number;
}

/** Every lane starts with a token, because the first one is not measured here. */
async function openLane(subject: Subject, server: TokenServer, isThrottled: boolean): Promise<Lane> {
  const credential = await server.createCredential();
  const open = subject.open(credential);
  await open.getToken();
  const { total } = await server.countTokenRequests(credential.clientId);
  return { subject, server, isThrottled, credential, open, requestsBefore: total, calls: [] };
}

/** Makes one call per lane and tick, in a new order each time. Returns whether the machine was too busy. */
async function load(lanes: readonly Lane[], durationMs: number, random: Random): Promise<boolean> {
  const delays = monitorEventLoopDelay();
  delays.enable();
  const endsAt = performance.now() + durationMs;
  for await (const _ of ticks(callEveryMs)) {
    for (const lane of shuffled(lanes, random)) lane.calls.push(call(lane));
    if (performance.now() >= endsAt) break;
  }
  delays.disable();
  return delays.max / 1e6 > maxStallMs;
}

async function call({ open, credential }: Lane): Promise<CallOutcome> {
  let isThere = false;
  const value = open.getValue().then(
    (token) => {
      isThere = true;
      return token;
    },
    () => undefined,
  );
  // A cached token is available before the next turn of the event loop, one from the network is not.
  await nextTurn();
  const wasLate = !isThere;
  const token = await value;
  return { wasLate, hasFailed: token === undefined || !(await isAccepted(credential.apiUrl, token)) };
}

async function isAccepted(apiUrl: string, token: string): Promise<boolean> {
  try {
    const response = await fetch(`${apiUrl}/some-resource`, { headers: { authorization: `Bearer ${token}` } });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

async function closeLane(lane: Lane): Promise<Result> {
  const outcomes = await Promise.all(lane.calls);
  const { total } = await lane.server.countTokenRequests(lane.credential.clientId);
  await lane.open.close();
  return {
    subject: lane.subject.name,
    isThrottled: lane.isThrottled,
    calls: outcomes.length,
    failed: outcomes.filter(({ hasFailed }) => hasFailed).length,
    late: outcomes.filter(({ wasLate }) => wasLate).length,
    tokenRequests: total - lane.requestsBefore,
  };
}

function report(results: readonly Result[], expiries: number, hasStalled: boolean): BenchmarkReport {
  const ours = results.filter(({ subject }) => subject === instellix.name);
  const failed = ours.reduce((sum, result) => sum + result.failed, 0);
  const late = ours.reduce((sum, result) => sum + result.late, 0);
  return {
    columns: ['subject', 'throttle', 'calls', 'failed', 'late', 'token requests'],
    rows: results.map(({ subject, isThrottled, calls, failed, late, tokenRequests }) => [
      subject,
      isThrottled ? 'on' : 'off',
      ...[calls, failed, late, tokenRequests].map(String),
    ]),
    notes: [
      `Each subject makes one API call every ${callEveryMs} ms over ${expiries} ends of tokens that live for ${tokenTtlSeconds} s; a token request takes ${tokenDelayMs} ms.`,
      'Failed: no token, or the API refused it. Late: the call waited for a token request. The first token does not count.',
      ...(hasStalled
        ? [
            'This machine was busy: the process stood still for so long that failed and late calls prove nothing. Run again when it is idle.',
          ]
        : []),
      `@azure/identity never reuses a token in its last 300 s, here as with the vendor's tokens of 300 s: every call requests one.`,
    ],
    promises: [
      { promise: 'no failed call', found: String(failed), kept: failed === 0 },
      { promise: 'no late call', found: String(late), kept: late === 0 },
    ],
    data: results,
  };
}
