/**
 * Writes the changelogs: each changeset as its author wrote it. Packages are released together, so lines about
 * dependencies that have moved along would only repeat the version.
 */
export async function getReleaseLine({ summary }) {
  const [first = '', ...rest] = summary.trim().split('\n');
  return [`- ${first}`, ...rest.map((line) => (line === '' ? '' : `  ${line}`))].join('\n');
}

export async function getDependencyReleaseLine() {
  return '';
}
