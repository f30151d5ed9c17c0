import { inspect } from 'node:util';

/** The text that every secret and token in the tests contains. */
const marker = 'planted';

/** The ways in which a value gets into a log; each may throw, as loggers know. */
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

/** Says in which views of a value, or of its causes, a planted text or one of the given secrets shows. */
export function findLeaks(value: unknown, secrets: readonly string[] = []): string[] {
  const leaks: string[] = [];
  const visited = new Set<unknown>();
  for (let part = value; part !== undefined && part !== null && !visited.has(part); part = (part as Error).cause) {
    visited.add(part);
    for (const [name, view] of Object.entries(views)) {
      const text = show(view, part);
      const found = [marker, ...secrets].find((secret) => text.includes(secret));
      if (found !== undefined)
        leaks.push(`${name} of ${(part as Error).name ?? typeof part} shows ${excerpt(text, found)}`);
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

function excerpt(text: string, found: string): string {
  const start = Math.max(0, text.indexOf(found) - 40);
  return JSON.stringify(text.slice(start, start + 120));
}
