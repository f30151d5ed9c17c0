import { ConfigurationError } from '../error/configuration-error.ts';
import type { OptionRule } from './option-rule.ts';

type Rules<T> = { readonly [key in keyof T]: OptionRule<T[key]> };

/** An object of options, each with its rule; other keys are refused, because a misspelt option would have no effect. */
export function group<T extends object>(rules: Rules<T>): OptionRule<T> {
  const keys = Object.keys(rules);
  return (value = {}, label, problems) => {
    // Promises, maps and the like have none of the keys, which would pass for an object that leaves all out.
    const isPlain = Object.prototype.toString.call(value) === '[object Object]';
    const source: Record<string, unknown> = isPlain ? Object(value) : {};
    const unknown = Object.keys(source).filter((key) => !keys.includes(key));
    if (!isPlain || unknown.length > 0) {
      const fault = isPlain ? `, not ${JSON.stringify(unknown).slice(0, 200)}` : '';
      problems.push(`${label} must be a plain object with some of the keys ${keys.join(', ')}${fault}.`);
    }
    const path = label === rootLabel ? '' : `${label}.`;
    const entries = Object.entries<OptionRule<unknown>>(rules).map(([key, rule]) => [
      key,
      attempt(rule, () => source[key], path + key, problems),
    ]);
    return Object.fromEntries(entries) as T;
  };
}

const rootLabel = 'options';

/**
 * Reads all options, each once; `owner` is whose they are, for the messages.
 *
 * @throws ConfigurationError with all problems, also those that `complete` finds, which makes something of the options
 */
export function readOptions<T, Result>(
  rule: OptionRule<T>,
  options: unknown,
  complete: (given: T, problems: string[]) => Result,
  owner = '',
): Result {
  const problems: string[] = [];
  const result = complete(
    attempt(rule, () => options, rootLabel, problems),
    problems,
  );
  throwIfAny(owner ? problems.map((problem) => `${owner}: ${problem}`) : problems);
  return result;
}

/** @throws ConfigurationError when there are problems */
export function throwIfAny(problems: readonly string[]): void {
  if (problems.length > 0) throw new ConfigurationError(problems);
}

/** Options are objects of others, whose getters and traps may throw; then they count as left out. */
function attempt<T>(rule: OptionRule<T>, read: () => unknown, label: string, problems: string[]): T {
  try {
    return rule(read(), label, problems);
  } catch {
    problems.push(`${label} throws when it is read: give a plain value.`);
    return rule(undefined, label, []);
  }
}
