import type { Summary } from './statistics.ts';

/** Formats rows as a Markdown table whose columns also line up on a terminal. */
export function formatTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, i) => (cells[i] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(columns), rule, ...rows.map(line)].join('\n');
}

/** Formats a ratio with its spread, if it has any: `1.02 (1.01-1.04)`. */
export function formatRatio({ median, p25, p75 }: Summary): string {
  if (p25 === p75) return round(median);
  return `${round(median)} (${round(p25)}-${round(p75)})`;
}

/** Two decimals for small numbers, none for large ones. */
function round(ratio: number): string {
  return ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(ratio < 100 ? 1 : 0);
}
