import { variableNames } from '@instellix/core/adapter';
import { closestMatch } from 'leven';

const knownVariables = [...variableNames, 'INSTELLIX_EMULATOR_URL', 'INSTELLIX_EMULATOR_TOKEN'];
const prefix = 'INSTELLIX_';
/** The most typing mistakes in a name; more would find names that mean something else. */
const maxMistakes = 3;
const maxMistakesWithoutPrefix = 2;

/** Describes the variables that look like ours and have no effect, each with the name that was probably meant; empty when there are none. */
export function describeUnknownVariables(env: Readonly<Record<string, string | undefined>>): string {
  return Object.keys(env)
    .filter((name) => !knownVariables.includes(name))
    .sort()
    .flatMap((name) => {
      const meant = findMeant(name);
      if (meant) return `${name} has no effect: ${meant} was probably meant.`;
      return name.startsWith(prefix) ? `${name} is not read by these packages.` : [];
    })
    .join(' ');
}

function findMeant(name: string): string | undefined {
  const upper = name.toUpperCase();
  if (!upper.startsWith(prefix)) return closestMatch(upper, knownVariables, { maxDistance: maxMistakesWithoutPrefix });
  const close = closestMatch(upper, knownVariables, { maxDistance: maxMistakes });
  if (close) return close;
  // A part of the name, such as INSTELLIX_SECRET or INSTELLIX_ENV.
  const part = upper.slice(prefix.length);
  return knownVariables.find((known) => known.endsWith(`_${part}`) || known.startsWith(prefix + part));
}
