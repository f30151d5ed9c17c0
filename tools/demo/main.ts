/** Shows the main job: real calls through the real packages, each with what happened and what it proves. */
import { createDemoContext } from './demo-context.ts';
import { printIntroduction, printStep, printVerdict, type StepResult } from './print.ts';
import type { Step } from './step.ts';
import { steps } from './steps.ts';

await using context = await createDemoContext();
printIntroduction(context.emulator.url);

async function run(step: Step): Promise<StepResult> {
  try {
    return { step, happened: await step.run(context) };
  } catch (error) {
    return { step, failure: error instanceof Error ? error.message : String(error) };
  }
}

// Each step has its own credential, so that the steps can run side by side. Their results are printed in order.
const pending: Promise<StepResult>[] = [];
for (const step of steps) {
  const result = run(step);
  pending.push(result);
  if (step.isBusy) await result;
}

const failed: string[] = [];
for (const promise of pending) {
  const result = await promise;
  printStep(result);
  if ('failure' in result) failed.push(result.step.title);
}
printVerdict(failed);
process.exitCode = failed.length === 0 ? 0 : 1;
