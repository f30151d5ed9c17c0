import { styleText } from 'node:util';
import { toLine } from '../error/to-line.ts';
import type { StepReport } from './run-doctor.ts';

const marks = { passed: ['✓', 'green'], failed: ['✗', 'red'], skipped: ['-', 'dim'] } as const;

/** Formats a step for people: one line, and one for its remedy. */
export function formatStep({ status, title, verdict, remedy }: StepReport, isColored: boolean): string[] {
  const [mark, color] = marks[status];
  // Whether there are colours has been decided already, also for tests.
  const painted = isColored ? styleText(color, mark, { validateStream: false }) : mark;
  return [`${painted} ${title}: ${toLine(verdict)}`, ...(remedy ? [`    ${toLine(remedy)}`] : [])];
}

/** The last line for people. */
export function formatSummary(reports: readonly StepReport[]): string {
  const failures = reports.filter(({ status }) => status === 'failed').length;
  if (failures === 0) return 'All steps passed.';
  return failures === 1 ? 'One step failed.' : `${failures} steps failed.`;
}

/** The report as JSON, by `doctor.schema.json`. */
export function toJson(reports: readonly StepReport[]): string {
  const steps = reports.map(({ id, status, verdict, remedy }) => {
    return { step: id, status, verdict: toLine(verdict), remedy: remedy && toLine(remedy) };
  });
  return JSON.stringify({ passed: reports.every(({ status }) => status === 'passed'), steps }, undefined, 2);
}
