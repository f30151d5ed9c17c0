/** The known name that a misspelt one was probably meant to be: at most two letters added, left out or replaced. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  return known.find((candidate) => isWithin(2, name.toLowerCase(), candidate.toLowerCase()));
}

function isWithin(edits: number, a: string, b: string): boolean {
  if (a === b) return true;
  if (edits === 0) return false;
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  const [restOfA, restOfB] = [a.slice(same), b.slice(same)];
  const [nextOfA, nextOfB] = [restOfA.slice(1), restOfB.slice(1)];
  return (
    isWithin(edits - 1, nextOfA, nextOfB) ||
    isWithin(edits - 1, nextOfA, restOfB) ||
    isWithin(edits - 1, restOfA, nextOfB)
  );
}
