import { describeType, describeValue, typeTag } from './describe-value.ts';
import { nearestName } from './nearest-name.ts';
import type { Problems } from './problems.ts';
import type { Setting } from './setting.ts';

/** What the label of the outermost object is; the paths of its keys do without it. */
export const rootLabel = 'options';

/** More of them are one mistake, such as a text that was spread. */
const mostUnknownKeys = 9;

/** Reads the known keys of an object, each once: its owner may change it later, and a getter may throw. */
export function readSettings<Key extends string>(
  { value, label }: Setting,
  keys: readonly Key[],
  problems: Problems,
): Readonly<Record<Key, Setting>> {
  const attempt = <T>(path: string, read: () => T): T | undefined => {
    try {
      return read();
    } catch {
      problems.add(path, 'throws when it is read: give a plain value');
      return undefined;
    }
  };
  // Promises, maps, arrays and the like have none of the keys, which would pass for an object that leaves all out.
  const source = typeTag(value) === 'Object' ? (value as Readonly<Record<string, unknown>>) : undefined;
  if (source) {
    const unknown = (attempt(label, () => Object.keys(source)) ?? []).filter((key) => !keys.includes(key as Key));
    for (const key of unknown.slice(0, mostUnknownKeys)) {
      const nearest = nearestName(key, keys);
      const advice = nearest ? `perhaps ${nearest} is meant` : `the known ones are ${keys.join(', ')}`;
      problems.add(`The key ${describeValue(key)} of ${label}`, `is unknown: ${advice}`);
    }
  } else if (value !== undefined) {
    problems.add(label, `must be a plain object like { ${keys[0]}: … }, not ${describeType(value)}`);
  }
  const entries = keys.map((key) => {
    const path = label === rootLabel ? key : `${label}.${key}`;
    return [key, { value: source && attempt(path, () => source[key]), label: path }];
  });
  return Object.fromEntries(entries) as Record<Key, Setting>;
}
