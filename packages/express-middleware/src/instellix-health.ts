import type { InstellixClient } from '@instellix/core';
import {
  type CheckHealthOptions,
  type ClientHealth,
  checkHealth,
  healthTimeout,
  object,
  readOptions,
} from '@instellix/core/adapter';
import type { RequestHandler } from 'express';
import { nextError } from './next-error.ts';
import { sendProblem } from './problem/problem-details.ts';
import { isMeantAsClient, readClient } from './read-client.ts';

/** The options of {@link instellixHealth}. */
export type InstellixHealthOptions = CheckHealthOptions;

/** The health of several clients. */
export interface ClientsHealth extends Pick<ClientHealth, 'status' | 'condition'> {
  readonly clients: Readonly<Record<string, ClientHealth>>;
}

type NamedClients = Readonly<Record<string, InstellixClient>>;
type ClientEntry = [name: string, client: InstellixClient];

const optionsValidator = object<InstellixHealthOptions>({ timeoutMs: healthTimeout });
const severities: readonly ClientHealth['status'][] = ['ok', 'degraded', 'down'];

/**
 * Responds to health probes with JSON that contains no secret: 200 when calls are served (`ok`, `degraded`), otherwise 503 (`down`).
 *
 * Only a client that has no token yet, or whose last attempt failed, requests one. All probes share that request.
 *
 * @param clients one client, or several by the names that the response gives them; the worst of them determines the status
 * @throws ConfigurationError with all problems of the arguments
 */
export function instellixHealth(
  clients: InstellixClient | NamedClients,
  options: InstellixHealthOptions = {},
): RequestHandler {
  const createCheck = (timing: InstellixHealthOptions, problems: string[]) => {
    if (isMeantAsClient(clients)) {
      const client = readClient(clients, 'the first argument', problems);
      return () => checkHealth(client, timing);
    }
    const named = readClients(clients, problems);
    return () => checkAll(named, timing);
  };
  const check = readOptions(optionsValidator, options, createCheck, 'instellixHealth');

  return function instellixHealth({ method }, response, next) {
    if (method !== 'GET' && method !== 'HEAD') {
      sendProblem(response, { status: 405, code: 'method_not_allowed', headers: { Allow: 'GET, HEAD' } });
      return;
    }
    const respond = (health: ClientHealth | ClientsHealth) => {
      const document = JSON.stringify(health);
      response.writeHead(health.status === 'down' ? 503 : 200, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(document),
        'Cache-Control': 'no-store',
      });
      response.end(document);
    };
    check()
      .then(respond)
      .catch((reason: unknown) => nextError(next, reason, 'A client of instellixHealth()'));
  };
}

function readClients(given: unknown, problems: string[]): ClientEntry[] {
  const entries = typeof given === 'object' && given !== null ? Object.entries(given) : [];
  if (entries.length === 0) {
    problems.push('the first argument must be a client, or an object of clients by name, with at least one.');
  }
  return entries.map(([name, client]) => [name, readClient(client, `client ${JSON.stringify(name)}`, problems)]);
}

async function checkAll(clients: ClientEntry[], timing: InstellixHealthOptions): Promise<ClientsHealth> {
  const checks = clients.map(async ([name, client]) => [name, await checkHealth(client, timing)] as const);
  const entries = await Promise.all(checks);
  const { status, condition } = entries
    .map(([, health]) => health)
    .reduce((left, right) => (severities.indexOf(right.status) > severities.indexOf(left.status) ? right : left));
  return { status, condition, clients: Object.fromEntries(entries) };
}
