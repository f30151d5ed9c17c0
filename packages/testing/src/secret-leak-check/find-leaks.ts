import { inspect } from 'node:util';

/** The string that every secret and token in the tests contains. */
const marker = 'planted';

/** The ways in which a logger formats a value. Each may throw. */
const views: Record<string, (value: unknown) => unknown> = {
  inspect: (value) =>
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, maxArrayLength: null }),
  String: (value) => String(value),
  JSON: (value) => JSON.stringify(value),
  'JSON of all own properties': (value) => JSON.stringify(value, Object.getOwnPropertyNames(Object(value))),
  spread: (value) => inspect({ ...Object(value) }, { depth: Number.POSITIVE_INFINITY }),
  structuredClone: (value) => inspect(structuredClone(value), { depth: Number.POSITIVE_INFINITY, showHidden: true }),
  stack: (value) => (value as Error).stack,
  message: (value) => (value as Error).message,
};

/** Lists the views of a value and of its causes that contain the marker or one of the given secrets. */
export function findLeaks(value: unknown, secrets: readonly string[] = []): string[] {
  const leaks: string[] = [];
  const visited = new Set<unknown>();
  for (let part = value; part !== undefined && part !== null && !visited.has(part); part = (part as Error).cause) {
    visited.add(part);
    for (const [name, view] of Object.entries(views)) {
      const output = show(view, part);
      const found = [marker, ...secrets].find((secret) => output.includes(secret));
      if (found !== undefined)
        leaks.push(`${name} of ${(part as Error).name ?? typeof part} shows ${excerpt(output, found)}`);
    }
  }
  return leaks;
}

function show(view: (value: unknown) => unknown, value: unknown): string {
  try {
    return String(view(value));
  } catch {
    return '';
  }
}

function excerpt(output: string, found: string): string {
  const start = Math.max(0, output.indexOf(found) - 40);
  return JSON.stringify(output.slice(start, start + 120));
}
