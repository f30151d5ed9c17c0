import { type OptionRule, optional } from './option-rule.ts';

/** A list, each of whose elements has the same rule; the answer is a copy of it. */
export function listOf<T>(rule: OptionRule<T>, least = 0): OptionRule<readonly T[] | undefined> {
  const list = optional<readonly unknown[]>(
    least === 0 ? 'a list' : `a list of at least ${least}`,
    (value) => Array.isArray(value) && value.length >= least,
  );
  return (value, label, problems) =>
    list(value, label, problems)?.map((element, index) => rule(element, `${label}[${index}]`, problems));
}
