import type { InstellixClient } from '@instellix/core';
import {
  type CheckHealthOptions,
  type ClientHealth,
  checkHealth,
  clientValidator,
  number,
  object,
  optional,
  readOption,
  readOptions,
  required,
  type Validator,
} from '@instellix/core/adapter';
import type { RequestHandler } from 'express';
import { sendProblem } from './problem/problem-details.ts';

interface HealthOfOne extends CheckHealthOptions {
  /** The client that is checked. */
  readonly client: InstellixClient;
  readonly clients?: never;
}

interface HealthOfSeveral extends CheckHealthOptions {
  /** The clients that are checked, by the names that the answer gives them; the worst one decides. */
  readonly clients: Readonly<Record<string, InstellixClient>>;
  readonly client?: never;
}

/** What {@link instellixHealth} checks: one `client`, or several `clients`. */
export type InstellixHealthOptions = HealthOfOne | HealthOfSeveral;

/** What {@link instellixHealth} answers for several clients. */
export interface ClientsHealth extends Pick<ClientHealth, 'status' | 'condition'> {
  readonly clients: Readonly<Record<string, ClientHealth>>;
}

const severities: readonly ClientHealth['status'][] = ['ok', 'degraded', 'down'];

type NamedClients = Readonly<Record<string, InstellixClient>>;

const someClients = optional<Readonly<Record<string, unknown>>>(
  'an object of clients by name, at least one',
  (value) => typeof value === 'object' && value !== null && Object.keys(value).length > 0,
);

const namedClients: Validator<NamedClients | undefined> = (value, label, problems) => {
  const clients = Object.entries(someClients(value, label, problems) ?? {});
  const checked = clients.map(([name, client]) => [
    name,
    required(clientValidator)(client, `${label}.${name}`, problems),
  ]);
  return value === undefined ? undefined : Object.fromEntries(checked);
};

/** `setTimeout` delays above 2^31 - 1 ms overflow and fire immediately. */
const optionsValidator = object({ client: clientValidator, clients: namedClients, timeoutMs: number(1, 2 ** 31 - 1) });

/**
 * Answers health probes as JSON: 200 when calls are served (`ok`, `degraded`), else 503 (`down`); never holds a secret.
 *
 * Only a client that has no token yet, or whose last attempt failed, is made to obtain one, which all probes share.
 *
 * @throws ConfigurationError for options that do not exist or cannot work
 */
export function instellixHealth(options: InstellixHealthOptions): RequestHandler {
  const { client, clients, timeoutMs } = readOptions(
    optionsValidator,
    options,
    checkChoice(options),
    'instellixHealth',
  );
  const timing = { timeoutMs };
  const check = () => (client ? checkHealth(client, timing) : checkAll(clients ?? {}, timing));

  return function instellixHealth({ method }, response, next) {
    if (method !== 'GET' && method !== 'HEAD') {
      sendProblem(response, { status: 405, code: 'method_not_allowed', headers: { Allow: 'GET, HEAD' } });
      return;
    }
    check().then((health) => {
      const document = JSON.stringify(health);
      response.writeHead(health.status === 'down' ? 503 : 200, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(document),
        'Cache-Control': 'no-store',
      });
      response.end(document);
    }, next);
  };
}

/** Of the options as they were given: what is wrong with one of the two has been said. */
function checkChoice(options: InstellixHealthOptions) {
  return <T>(given: T, problems: string[]): T => {
    const isGiven = (name: string) => readOption(Object(options), name) !== undefined;
    if (isGiven('client') === isGiven('clients')) problems.push('give either client or clients.');
    return given;
  };
}

async function checkAll(clients: NamedClients, timing: CheckHealthOptions): Promise<ClientsHealth> {
  const checks = Object.entries(clients).map(
    async ([name, client]) => [name, await checkHealth(client, timing)] as const,
  );
  const entries = await Promise.all(checks);
  const worst = entries
    .map(([, health]) => health)
    .reduce((left, right) => (severities.indexOf(right.status) > severities.indexOf(left.status) ? right : left));
  return { status: worst.status, condition: worst.condition, clients: Object.fromEntries(entries) };
}
