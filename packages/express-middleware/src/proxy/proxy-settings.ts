import { ConfigurationError, type InstellixClient } from '@instellix/core';
import { type AllowRule, checkRulePath } from './allow-list.ts';
import type { InstellixProxyOptions } from './proxy-options.ts';
import { isForwardable } from './request-headers.ts';
import { isPlainPath } from './request-target.ts';

/** {@link InstellixProxyOptions}, checked and complete. */
export interface ProxySettings {
  readonly client: InstellixClient;
  readonly allow: readonly AllowRule[];
  readonly authorize: InstellixProxyOptions['authorize'];
  readonly mountPath: string | undefined;
  readonly maxBodyBytes: number;
  readonly replayBodyBytes: number;
  readonly timeouts: {
    readonly connectMs: number;
    readonly headersMs: number;
    readonly idleMs: number;
    readonly totalMs: number | undefined;
  };
  readonly requestHeaders: readonly string[];
  readonly dropResponseHeaders: readonly string[];
  readonly onEvent: InstellixProxyOptions['onEvent'];
}

/** CONNECT asks for a tunnel, and TRACE for its own headers back, token and all. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'];
const headerName = /^[!#$%&'*+\-.^`|~\w]+$/;
/** Timers count in 32 bits. */
const longestMs = 2 ** 31 - 1;
/** It is kept in memory for each request. */
const mostReplayBytes = 16 * 2 ** 20;

type Options = Record<string, unknown>;

/** @throws ConfigurationError with all problems of the options */
export function readProxyOptions(given: InstellixProxyOptions): ProxySettings {
  const problems: string[] = [];
  const options = readObject(given, 'options', optionKeys, problems);
  const timeouts = readObject(options['timeouts'] ?? {}, 'timeouts', timeoutKeys, problems);
  const responseHeaders = readObject(options['responseHeaders'] ?? {}, 'responseHeaders', ['drop'], problems);
  const ms = (key: string) => readNumber(timeouts, key, `timeouts.${key}`, 1, longestMs, problems);
  const settings: ProxySettings = {
    client: readClient(options['client'], problems),
    allow: readRules(options['allow'], problems),
    authorize: readFunction(options, 'authorize', problems) as ProxySettings['authorize'],
    mountPath: readMountPath(options['mountPath'], problems),
    maxBodyBytes: readNumber(options, 'maxBodyBytes', 'maxBodyBytes', 0, 2 ** 50, problems) ?? 10 * 2 ** 20,
    replayBodyBytes:
      readNumber(options, 'replayBodyBytes', 'replayBodyBytes', 0, mostReplayBytes, problems) ?? 64 * 2 ** 10,
    timeouts: {
      connectMs: ms('connectMs') ?? 5_000,
      headersMs: ms('headersMs') ?? 30_000,
      idleMs: ms('idleMs') ?? 60_000,
      totalMs: ms('totalMs'),
    },
    requestHeaders: readNames(options['requestHeaders'], 'requestHeaders', isForwardable, problems),
    dropResponseHeaders: readNames(responseHeaders['drop'], 'responseHeaders.drop', isHeaderName, problems),
    onEvent: readFunction(options, 'onEvent', problems) as ProxySettings['onEvent'],
  };
  if (problems.length > 0) throw new ConfigurationError(problems.map((problem) => `instellixProxy: ${problem}`));
  return settings;
}

const timeoutKeys = ['connectMs', 'headersMs', 'idleMs', 'totalMs'];
const ruleKeys = ['methods', 'path', 'query'];
const optionKeys = [
  'client',
  'allow',
  'authorize',
  'mountPath',
  'maxBodyBytes',
  'replayBodyBytes',
  'timeouts',
  'requestHeaders',
  'responseHeaders',
  'onEvent',
];

/** A misspelt option would have no effect, and a misspelt limit no limit. */
function readObject(value: unknown, label: string, keys: readonly string[], problems: string[]): Options {
  const isPlain = Object.prototype.toString.call(value) === '[object Object]';
  const unknown = isPlain ? Object.keys(value as object).filter((key) => !keys.includes(key)) : [];
  if (isPlain && unknown.length === 0) return value as Options;
  const fault = isPlain ? `, not ${shorten(unknown)}` : '';
  problems.push(`${label} must be a plain object with some of the keys ${keys.join(', ')}${fault}.`);
  return isPlain ? (value as Options) : {};
}

function readClient(value: unknown, problems: string[]): InstellixClient {
  const client = value as Partial<InstellixClient> | undefined;
  const isClient = typeof client?.getToken === 'function' && typeof client.peekToken === 'function';
  if (!isClient || !client.environment) problems.push('client must be a client made by createInstellixClient.');
  return value as InstellixClient;
}

function readRules(value: unknown, problems: string[]): readonly AllowRule[] {
  if (!Array.isArray(value) || value.length === 0) {
    problems.push('allow must list at least one rule, such as { methods: ["GET"], path: "/customers" }.');
    return [];
  }
  return value.map((rule, i) => readRule(rule, `allow[${i}]`, problems));
}

function readRule(value: unknown, label: string, problems: string[]): AllowRule {
  const rule = readObject(value, label, ruleKeys, problems);
  const { path, query } = rule;
  if (typeof path === 'string') checkRulePath(path, `${label}.path`, problems);
  else problems.push(`${label}.path must be a path, such as "/customers" or "/customers/**".`);
  if (query !== undefined && !(Array.isArray(query) && query.every((name) => typeof name === 'string'))) {
    problems.push(`${label}.query must be a list of the names of query parameters, or left out.`);
  }
  const isKnown = Array.isArray(rule['methods']) && rule['methods'].length > 0;
  if (!isKnown || !(rule['methods'] as unknown[]).every((method) => methods.includes(method as string))) {
    problems.push(`${label}.methods must list at least one of ${methods.join(', ')}, in upper case.`);
  }
  return structuredCloneRule(rule);
}

/** Nobody widens the rules later by changing the object. */
function structuredCloneRule({ path, query, methods: given }: Options): AllowRule {
  const list = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  return { path: String(path), methods: list(given), query: query === undefined ? undefined : list(query) };
}

function readMountPath(value: unknown, problems: string[]): string | undefined {
  if (value === undefined || value === '') return value;
  if (value === '/') return '';
  if (typeof value === 'string' && isPlainPath(value) && !value.endsWith('/')) return value;
  problems.push('mountPath must be a path that begins with a slash and does not end with one, or empty.');
  return undefined;
}

function readNumber(
  source: Options,
  key: string,
  label: string,
  least: number,
  most: number,
  problems: string[],
): number | undefined {
  const value = source[key];
  if (value === undefined || (Number.isInteger(value) && Number(value) >= least && Number(value) <= most)) {
    return value as number | undefined;
  }
  problems.push(`${label} must be a whole number from ${least} to ${most}.`);
  return undefined;
}

function readFunction(source: Options, key: string, problems: string[]): unknown {
  const value = source[key];
  if (value !== undefined && typeof value !== 'function') problems.push(`${key} must be a function.`);
  return value;
}

function isHeaderName(name: string): boolean {
  return headerName.test(name);
}

function readNames(
  value: unknown,
  label: string,
  isGood: (name: string) => boolean,
  problems: string[],
): readonly string[] {
  const names = value ?? [];
  if (!Array.isArray(names)) {
    problems.push(`${label} must be a list of header names.`);
    return [];
  }
  const bad = names.filter((name) => typeof name !== 'string' || !isGood(name));
  if (bad.length > 0) problems.push(`${label} must list header names that may be there, not ${shorten(bad)}.`);
  return [...names];
}

function shorten(value: unknown): string {
  return JSON.stringify(value).slice(0, 200);
}
