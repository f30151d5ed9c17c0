import type { Problems } from './problems.ts';
import { readChoice } from './read-choice.ts';
import { readDuration } from './read-number.ts';
import { readSettings } from './read-settings.ts';
import { readText } from './read-text.ts';
import type { Setting } from './setting.ts';

/** {@link TokenRequestOptions}, complete. */
export interface TokenRequestSettings {
  readonly bodyFormat: 'multipart' | 'urlencoded';
  readonly basicEncoding: 'raw' | 'form';
  readonly scope: string | undefined;
  readonly timeoutMs: number;
  readonly minIntervalMs: number;
  readonly maxWaitMs: number;
}

const keys = ['bodyFormat', 'basicEncoding', 'scope', 'timeoutMs', 'minIntervalMs', 'maxWaitMs'] as const;

/** Reads how tokens are requested. */
export function readTokenRequest(setting: Setting, problems: Problems): TokenRequestSettings {
  const given = readSettings(setting, keys, problems);
  const timeoutMs = readDuration(given.timeoutMs, false, problems);
  const minIntervalMs = readDuration(given.minIntervalMs, true, problems);
  const maxWaitMs = readDuration(given.maxWaitMs, false, problems);
  // Only what was asked for can contradict itself; defaults give way.
  const most = maxWaitMs ?? Number.POSITIVE_INFINITY;
  const { label } = given.maxWaitMs;
  if ((timeoutMs ?? 0) > most) problems.add(label, 'must not be less than timeoutMs: no caller could wait that long');
  if ((minIntervalMs ?? 0) > most)
    problems.add(label, 'must not be less than minIntervalMs: no caller could wait that long');
  return {
    bodyFormat: readChoice(given.bodyFormat, 'multipart', 'urlencoded', problems),
    basicEncoding: readChoice(given.basicEncoding, 'raw', 'form', problems),
    scope: given.scope.value === undefined ? undefined : readText(given.scope, problems, findScopeFault),
    timeoutMs: timeoutMs ?? Math.min(10_000, most),
    minIntervalMs: minIntervalMs ?? 5_500,
    maxWaitMs: maxWaitMs ?? 30_000,
  };
}

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-3.3 */
function findScopeFault(scope: string): string | undefined {
  return /^[!#-[\]-~]+( [!#-[\]-~]+)*$/.test(scope)
    ? undefined
    : 'must be ASCII without quotes and backslashes, its parts separated by single spaces';
}
