import { describeType } from './describe-value.ts';
import type { Problems } from './problems.ts';
import type { Setting } from './setting.ts';

/** What is wrong with a setting that has no value. */
export const isMissing = 'is missing: set it';

/**
 * Reads a text that must be there. When it is not usable, answers an empty one and reports why, without showing it: ids and
 * secrets get mixed up.
 *
 * `findFault` says what else may be wrong with it.
 */
export function readText(
  { value, label }: Setting,
  problems: Problems,
  findFault?: (text: string) => string | undefined,
): string {
  if (typeof value === 'string') {
    const fault = findTextFault(value) ?? findFault?.(value);
    if (fault === undefined) return value;
    problems.add(label, fault);
  } else {
    problems.add(label, value === undefined ? isMissing : `must be a string, not ${describeType(value)}`);
  }
  return '';
}

function findTextFault(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return 'must not be empty or white space: set it';
  if (trimmed !== text) return 'must not start or end with white space, such as a pasted line break: remove it';
  // Half of a surrogate pair has no UTF-8 form: it would be sent as another character.
  if (/[\p{Cc}\p{Cs}]/u.test(text)) return 'must not hold control characters or lone surrogates: copy it afresh';
  return undefined;
}
