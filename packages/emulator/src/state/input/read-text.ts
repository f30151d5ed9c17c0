import { invalid } from './invalid.ts';

/** Returns `value` after making sure that it is text of 1 to `max` characters without control characters. */
export function readText(value: unknown, where: string, max: number): string {
  if (typeof value !== 'string') throw invalid(where, 'must be a string');
  if (value.trim() === '') throw invalid(where, 'must not be empty or only white space');
  if (value.length > max) throw invalid(where, `must not be longer than ${max} characters`);
  if (hasControlCharacter(value)) throw invalid(where, 'must not hold control characters such as line breaks');
  if (/\p{Surrogate}/u.test(value)) throw invalid(where, 'must be valid Unicode, it holds half of a surrogate pair');
  return value;
}

/** Whether `text` holds a C0 control character, DEL or a C1 control character. */
export function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true;
  }
  return false;
}
