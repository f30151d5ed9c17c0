/** The known name that a misspelt one was probably meant to be: at most two letters added, left out or replaced. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  return known.find((candidate) => isWithin(2, name.toLowerCase(), candidate.toLowerCase()));
}

function isWithin(edits: number, a: string, b: string): boolean {
  if (a === b) return true;
  const [x, y] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return isWithin(edits, x, y);
  return edits > 0 && (isWithin(edits - 1, x, y) || isWithin(edits - 1, x, b) || isWithin(edits - 1, a, y));
}
