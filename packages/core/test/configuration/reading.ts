import type { OptionRule } from '../../src/configuration/option-rule.ts';

/** Reads a value by a rule; answers what came of it, and what was reported. */
export function reading<T>(rule: OptionRule<T>, value: unknown, label = 'option') {
  const problems: string[] = [];
  const result = rule(value, label, problems);
  return { result, problems };
}
