import { parseArgs } from 'node:util';

/** Keeps the versions of one line when the command has `--node 22`, so that CI checks the lines side by side. */
export function selectNodes(versions: readonly string[]): string[] {
  const { values } = parseArgs({ options: { node: { type: 'string' } } });
  const { node } = values;
  const selected = versions.filter((version) => node === undefined || version.startsWith(`${node}.`));
  if (selected.length === 0) throw new Error(`--node ${node} is none of ${versions.join(', ')}.`);
  return selected;
}
