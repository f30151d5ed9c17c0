import { types } from 'node:util';
import { invalid } from '../state/input/invalid.ts';
import { readChoice } from '../state/input/read-choice.ts';
import { readObject } from '../state/input/read-object.ts';
import { REASONS } from '../state/reason.ts';
import type { RequestEntry } from '../state/request-entry.ts';

/** Which entries of the request log are meant: those that agree with every field that is given. */
export interface RequestFilter extends Partial<Omit<RequestEntry, 'at'>> {
  /** Only entries at or after this instant of the emulator's clock: a Date or epoch ms. */
  readonly since?: Date | number;
}

const TEXT_FIELDS = ['endpoint', 'method', 'realm', 'clientId'] as const;
const FIELDS = [...TEXT_FIELDS, 'status', 'reason', 'since'] as const;

/** Reads a filter into the test that an entry has to pass. */
export function readRequestFilter(value: unknown, where: string): (entry: RequestEntry) => boolean {
  if (value === undefined) return () => true;
  const filter = readObject(value, where, FIELDS);
  const tests: ((entry: RequestEntry) => boolean)[] = [];
  for (const field of TEXT_FIELDS) {
    const wanted = filter[field];
    if (wanted === undefined) continue;
    if (typeof wanted !== 'string' || wanted === '')
      throw invalid(`${where}.${field}`, 'must be a string that is not empty');
    tests.push((entry) => entry[field] === wanted);
  }
  if (filter['reason'] !== undefined) {
    const reason = readChoice(filter['reason'], `${where}.reason`, REASONS);
    tests.push((entry) => entry.reason === reason);
  }
  if (filter['status'] !== undefined) {
    const status = readStatus(filter['status'], `${where}.status`);
    tests.push((entry) => entry.status === status);
  }
  if (filter['since'] !== undefined) {
    const since = readInstant(filter['since'], `${where}.since`);
    tests.push((entry) => entry.at >= since);
  }
  return (entry) => tests.every((test) => test(entry));
}

function readStatus(value: unknown, where: string): number {
  if (value === 0) return 0;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599) return value;
  throw invalid(where, 'must be an HTTP status from 100 to 599, or 0 for requests without an answer');
}

function readInstant(value: unknown, where: string): number {
  const instant = types.isDate(value) ? value.getTime() : value;
  if (typeof instant === 'number' && Number.isFinite(instant)) return instant;
  throw invalid(where, 'must be a Date or epoch milliseconds');
}
