import { describeType, describeValue, typeTag } from './describe-value.ts';
import { nearestName } from './nearest-name.ts';
import type { Problems } from './problems.ts';
import type { Setting } from './setting.ts';

/** What the label of the outermost object is; the paths of its keys do without it. */
export const rootLabel = 'options';

const mostUnknownKeys = 5;

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
  const source = asPlainObject(value);
  if (!source && value !== undefined)
    problems.add(label, `must be a plain object like { ${keys[0]}: … }, not ${describeType(value)}`);
  if (source) reportUnknownKeys(attempt(label, () => Object.keys(source)) ?? [], keys, label, problems);
  const entries = keys.map((key) => {
    const path = label === rootLabel ? key : `${label}.${key}`;
    return [key, { value: source && attempt(path, () => source[key]), label: path }];
  });
  return Object.fromEntries(entries) as Record<Key, Setting>;
}

/** Promises, maps, arrays and the like have none of the keys, which would pass for an object that leaves all out. */
function asPlainObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeTag(value) === 'Object' ? (value as Record<string, unknown>) : undefined;
}

function reportUnknownKeys(found: string[], known: readonly string[], label: string, problems: Problems): void {
  const unknown = found.filter((key) => !known.includes(key));
  for (const key of unknown.slice(0, mostUnknownKeys)) {
    const nearest = nearestName(key, known);
    const advice = nearest ? `perhaps ${nearest} is meant` : `the known ones are ${known.join(', ')}`;
    problems.add(`The key ${describeValue(key)} of ${label}`, `is unknown: ${advice}`);
  }
  const rest = unknown.length - mostUnknownKeys;
  if (rest > 0) problems.add(label, `has ${rest} more unknown keys: remove them`);
}
