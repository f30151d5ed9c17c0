import { inspect } from 'node:util';

/** What every secret and token of the tests contains. */
const marker = 'planted';

/** The ways in which loggers write a value. Each may throw. */
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

/** Returns in which views of a value or of its causes a planted secret or one of the given secrets is shown. */
export function findLeaks(value: unknown, secrets: readonly string[] = []): string[] {
  const leaks: string[] = [];
  const visited = new Set<unknown>();
  for (let part = value; part !== undefined && part !== null && !visited.has(part); part = (part as Error).cause) {
    visited.add(part);
    for (const [name, view] of Object.entries(views)) {
      const shown = show(view, part);
      const found = [marker, ...secrets].find((secret) => shown.includes(secret));
      if (found !== undefined)
        leaks.push(`${name} of ${(part as Error).name ?? typeof part} shows ${excerpt(shown, found)}`);
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

function excerpt(shown: string, found: string): string {
  const start = Math.max(0, shown.indexOf(found) - 40);
  return JSON.stringify(shown.slice(start, start + 120));
}
