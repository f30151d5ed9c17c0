import { Pool } from 'undici';
import type { Benchmark, BenchmarkReport } from './harness/benchmark.ts';
import { interleave } from './harness/interleave.ts';
import { ratiosTo, summarize } from './harness/statistics.ts';
import { formatRatio } from './harness/table.ts';
import type { MockGreeting } from './mock-server/mock-server-process.ts';
import { Worker } from './proxy-process/worker.ts';
import { type MockServerSubject, mockServerSubjects, oauth2MockServer } from './subjects/mock-servers.ts';

const defaultRounds = 15;
const warmUpRequests = 300;
const tokenRequests = 600;
const resourceCalls = 2_000;
const connections = 16;

/** The measurements of one process of a mock server. */
interface Measurement {
  /** Elapsed milliseconds. */
  readonly startMs: number;
  /** Per second of the server's processor time. */
  readonly tokensPerSecond: number;
  readonly callsPerSecond: number;
}

type Quantity = keyof Measurement;

/** The speed of the emulator compared with the most common mock server. */
export const emulator: Benchmark = {
  title: 'Emulator: start-up, token requests and resource calls',
  async run({ rounds = defaultRounds, random, onProgress }) {
    onProgress(`${rounds} rounds of ${mockServerSubjects.length} subjects`);
    return report(await interleave({ subjects: mockServerSubjects, rounds, warmUpRounds: 1, random, measure }));
  },
};

async function measure({ name }: MockServerSubject): Promise<Measurement> {
  const script = '../mock-server/mock-server-process.ts';
  const { worker, greeting } = await Worker.start<'use', number, MockGreeting>(script, name);
  const pool = new Pool(greeting.origin, { connections });
  const perSecond = async (count: number, ask: () => Promise<unknown>) => {
    await runMany(warmUpRequests, ask);
    const before = await worker.ask('use');
    await runMany(count, ask);
    return (count / ((await worker.ask('use')) - before)) * 1_000;
  };
  try {
    const token = await requestToken(pool, greeting);
    const tokensPerSecond = await perSecond(tokenRequests, () => requestToken(pool, greeting));
    const callsPerSecond = await perSecond(resourceCalls, () => callResource(pool, greeting, token));
    return { startMs: greeting.startMs, tokensPerSecond, callsPerSecond };
  } finally {
    await pool.close();
    await worker[Symbol.asyncDispose]();
  }
}

async function requestToken(pool: Pool, { tokenPath, authorization }: MockGreeting): Promise<string> {
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: tokenPath,
    headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials',
  });
  const { access_token: token } = (await body.json()) as { access_token?: string };
  if (statusCode !== 200 || token === undefined) throw new Error(`${tokenPath} returned ${statusCode}.`);
  return token;
}

async function callResource(pool: Pool, { resourcePath }: MockGreeting, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const { statusCode, body } = await pool.request({ method: 'GET', path: resourcePath, headers });
  await body.dump();
  if (statusCode !== 200) throw new Error(`${resourcePath} returned ${statusCode}.`);
}

async function runMany(count: number, ask: () => Promise<unknown>): Promise<void> {
  let left = count;
  const work = async () => {
    while (left-- > 0) await ask();
  };
  await Promise.all(Array.from({ length: connections }, work));
}

function report(found: ReadonlyMap<MockServerSubject, readonly Measurement[]>): BenchmarkReport {
  const of = (subject: MockServerSubject, quantity: Quantity) =>
    (found.get(subject) ?? []).map((measurement) => measurement[quantity]);
  const ratios = (subject: MockServerSubject, quantity: Quantity) =>
    ratiosTo(of(oauth2MockServer, quantity), of(subject, quantity));
  const quantities: readonly Quantity[] = ['startMs', 'tokensPerSecond', 'callsPerSecond'];
  return {
    columns: ['subject', 'start-up time (less is better)', 'token requests per second', 'resource calls per second'],
    rows: mockServerSubjects.map((subject) => [
      subject.name,
      ...quantities.map((quantity) => formatRatio(summarize(ratios(subject, quantity)))),
    ]),
    notes: [
      'Times oauth2-mock-server in the same round: median (quartiles); its second row is the noise. Start-up by the clock, from the',
      "start of a process until the server listens; the rest per second of the server's processor time, 16 at a time.",
      'The work differs: oauth2-mock-server makes an RSA key and signs each token with it, and its /userinfo looks at no token; ours',
      'checks the client, stores the token, finds it again with its scopes, and logs each request.',
    ],
    promises: [],
    data: mockServerSubjects.map((subject) => ({
      subject: subject.name,
      ratios: Object.fromEntries(quantities.map((quantity) => [quantity, ratios(subject, quantity)])),
    })),
  };
}
