import type { DemoContext } from './demo-context.ts';

/** One statement of the demo, and how it is shown to be true. */
export interface Step {
  readonly title: string;
  readonly proves: string;
  /** It keeps the process busy, so that steps which measure time start after it. */
  readonly isBusy?: boolean;
  /** Returns what happened. @throws an error when the statement does not hold */
  run(context: DemoContext): Promise<string>;
}
