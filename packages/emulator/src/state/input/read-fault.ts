import { METHODS, validateHeaderName, validateHeaderValue } from 'node:http';
import type { Fault } from '../fault.ts';
import { invalid } from './invalid.ts';
import { readChoice } from './read-choice.ts';
import { readClientId } from './read-client-id.ts';
import { readInteger } from './read-integer.ts';
import { isPlainObject, readObject } from './read-object.ts';

const FIELDS = ['on', 'clientId', 'nth', 'times', 'delayMs', 'respond', 'socket'];
const LONGEST_DELAY_MS = 2_147_483_647;

/** A fault that is known to make sense, with its defaults filled in. */
export interface CheckedFault extends Omit<Fault, 'on'> {
  readonly on: string;
  readonly nth: number;
  readonly times: number;
}

/** Reads a fault. */
export function readFault(value: unknown, where: string): CheckedFault {
  const given = readObject(value, where, FIELDS);
  const nth = optional(given['nth'], (nth) => readInteger(nth, `${where}.nth`, 1, Number.MAX_SAFE_INTEGER));
  const times = optional(given['times'], (times) => readInteger(times, `${where}.times`, 1, Number.MAX_SAFE_INTEGER));
  const delayMs = optional(given['delayMs'], (ms) => readInteger(ms, `${where}.delayMs`, 0, LONGEST_DELAY_MS));
  const clientId = optional(given['clientId'], (clientId) => readClientId(clientId, `${where}.clientId`));
  const respond = optional(given['respond'], (respond) => readRespond(respond, `${where}.respond`));
  const socket = optional(given['socket'], (socket) =>
    readChoice(socket, `${where}.socket`, ['reset', 'hang', 'truncate'] as const),
  );
  if (delayMs === undefined && respond === undefined && socket === undefined) {
    throw invalid(where, 'does nothing; give respond, delayMs or socket');
  }
  if (respond !== undefined && (socket === 'reset' || socket === 'hang')) {
    throw invalid(where, `has both respond and socket "${socket}", after which no answer can be sent; drop one`);
  }
  return {
    on: readOn(given['on'], `${where}.on`),
    nth: nth ?? 1,
    times: times ?? (nth === undefined ? Number.POSITIVE_INFINITY : 1),
    ...(clientId !== undefined && { clientId }),
    ...(delayMs !== undefined && { delayMs }),
    ...(respond !== undefined && { respond }),
    ...(socket !== undefined && { socket }),
  };
}

function optional<Result>(value: unknown, read: (value: unknown) => Result): Result | undefined {
  return value === undefined ? undefined : read(value);
}

function readOn(value: unknown, where: string): string {
  if (value === 'token') return value;
  const [method, path, ...rest] = typeof value === 'string' ? value.split(' ') : [];
  if (method === undefined || !path?.startsWith('/') || rest.length > 0) {
    throw invalid(where, 'must be "token", or method and path such as "GET /customers"');
  }
  if (!METHODS.includes(method))
    throw invalid(where, 'must begin with an HTTP method in capitals, such as GET or POST');
  if (/[?#]/.test(path)) throw invalid(where, 'must be the path alone, without a query or fragment');
  if (new URL(path, 'http://localhost').pathname !== path) {
    throw invalid(where, 'must be the path as it is sent: percent-encoded, without dot segments and double slashes');
  }
  if (/^\/(?:portal|_emulator)(?:\/|$)/.test(path)) {
    throw invalid(where, 'must not be a path of the portal or of the administration, which have no faults');
  }
  return `${method} ${path}`;
}

function readRespond(value: unknown, where: string): NonNullable<Fault['respond']> {
  const given = readObject(value, where, ['status', 'headers', 'body']);
  const status = readInteger(given['status'], `${where}.status`, 200, 599);
  const body = given['body'];
  if (body !== undefined && typeof body !== 'string') {
    throw invalid(`${where}.body`, 'must be a string; use JSON.stringify() for JSON');
  }
  if (body && [204, 205, 304].includes(status))
    throw invalid(`${where}.body`, `must be left out: a ${status} has no body`);
  const headers = given['headers'];
  if (headers === undefined) return { status, ...(body !== undefined && { body }) };
  return { status, headers: readHeaders(headers, `${where}.headers`), ...(body !== undefined && { body }) };
}

function readHeaders(value: unknown, where: string): Readonly<Record<string, string>> {
  if (!isPlainObject(value)) throw invalid(where, 'must be an object of strings');
  const headers: Record<string, string> = {};
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw invalid(where, 'must be an object of strings');
    try {
      validateHeaderName(name);
      validateHeaderValue(name, text);
    } catch {
      throw invalid(where, 'holds a name or value that HTTP does not allow (RFC 9110 section 5)');
    }
    headers[name.toLowerCase()] = text;
  }
  return headers;
}
