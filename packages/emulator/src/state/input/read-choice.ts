import { invalid } from './invalid.ts';

/** Returns `value` after making sure that it is one of `choices`. */
export function readChoice<Choice extends string>(value: unknown, where: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw invalid(where, `must be one of ${choices.join(', ')}`);
  return choice;
}
