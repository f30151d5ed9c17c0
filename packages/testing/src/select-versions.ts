/**
 * Returns the versions of a library with which the current Vitest project runs the tests: the first one, the newest, in the unit tests;
 * all others in their repetition among the slow tests; all of them elsewhere.
 */
export function selectVersions<Version>(versions: readonly Version[]): readonly Version[] {
  const selected = process.env['TEST_VERSIONS'];
  if (selected === 'newest') return versions.slice(0, 1);
  return selected === 'others' ? versions.slice(1) : versions;
}
