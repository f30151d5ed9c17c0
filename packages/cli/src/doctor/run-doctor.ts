import type { DoctorContext, DoctorFacts, DoctorStep } from './doctor-step.ts';
import { apiCall } from './steps/api-call.ts';
import { clockSkew } from './steps/clock-skew.ts';
import { configuration } from './steps/configuration.ts';
import { connection } from './steps/connection.ts';
import { nameResolution } from './steps/name-resolution.ts';
import { secretSource } from './steps/secret-source.ts';
import { tokenLifetime } from './steps/token-lifetime.ts';
import { tokenRequest } from './steps/token-request.ts';
import { tokenStore } from './steps/token-store.ts';

const steps: readonly DoctorStep[] = [
  configuration,
  secretSource,
  nameResolution,
  connection,
  clockSkew,
  tokenRequest,
  tokenLifetime,
  tokenStore,
  apiCall,
];

/** What the doctor reports about a step. */
export interface StepReport {
  readonly id: string;
  readonly title: string;
  /** `skipped`: an earlier step failed that this one builds on. */
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly verdict: string;
  readonly remedy?: string | undefined;
}

/** Runs all steps in order, and reports each when it has ended. */
export async function* runDoctor(context: DoctorContext): AsyncGenerator<StepReport> {
  const facts: Partial<DoctorFacts> = {};
  try {
    for (const step of steps) {
      context.signal.throwIfAborted();
      const { id, title } = step;
      if (step.needs.some((need) => facts[need] === undefined)) {
        yield { id, title, status: 'skipped', verdict: 'Not checked, because an earlier step failed.' };
        continue;
      }
      context.progress.show(`Checking: ${title}.`);
      // Complete as far as the step needs it, which was just checked.
      const { facts: found, ...result } = await step.run(context, facts as DoctorFacts);
      context.signal.throwIfAborted();
      Object.assign(facts, found);
      yield { id, title, ...result };
    }
  } finally {
    await facts.token?.client.close();
  }
}
