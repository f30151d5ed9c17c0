import type { Environment, InstellixClient, TokenEvent, TokenRequestOptions } from '@instellix/core';
import type { EnvFile } from '../environment/env-file.ts';

/** The settings of one run of the doctor, and what its steps use. */
export interface DoctorContext {
  /** With the variables of the file. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly envFile: EnvFile;
  readonly tokenRequest: Pick<TokenRequestOptions, 'bodyFormat' | 'basicEncoding'>;
  readonly storeDirectory: string | undefined;
  /** `refresh.expiryMarginMs` of the application; undefined: the default of core. */
  readonly expiryMarginMs: number | undefined;
  /** The path of the call of the API; undefined: the vendor's example. */
  readonly path: string | undefined;
  readonly signal: AbortSignal;
  /** Receives the events of each client, and a sentence for each other wait. */
  readonly progress: { readonly onEvent: (event: TokenEvent) => void; show(label: string): void };
}

/** A token that the doctor has requested. */
export interface RequestedToken {
  /** Holds the token. */
  readonly client: InstellixClient;
  readonly lifetimeMs: number;
  /** Whether the response had no `expires_in`. */
  readonly isAssumed: boolean;
}

/** A response of a host, without a token. */
export interface HostResponse {
  readonly host: string;
  /** The time by the `Date` and `Age` headers, epoch milliseconds; undefined when there is none. */
  readonly date: number | undefined;
  /** The middle between request and response on the clock of this machine, epoch milliseconds. */
  readonly at: number;
}

/** What steps have found out for later steps. */
export interface DoctorFacts {
  readonly environment: Environment;
  readonly minIntervalMs: number;
  /** Whether both Basic encodings of the credential are the same. */
  readonly isPlainCredential: boolean;
  /** The URLs of API and token endpoint, one for each origin, whose hosts have addresses. */
  readonly urls: readonly URL[];
  readonly responses: readonly HostResponse[];
  readonly token: RequestedToken;
}

/** The outcome of a step. */
export interface StepResult {
  readonly status: 'passed' | 'failed';
  /** What was found, in one sentence. Never contains a secret. */
  readonly verdict: string;
  /** What to do; of a step that passed: what would be better. */
  readonly remedy?: string | undefined;
  readonly facts?: Partial<DoctorFacts> | undefined;
}

/** One check of the doctor. */
export interface DoctorStep {
  /** Its name in JSON. */
  readonly id: string;
  readonly title: string;
  /** The facts without which the step is skipped. */
  readonly needs: readonly (keyof DoctorFacts)[];
  run(context: DoctorContext, facts: DoctorFacts): StepResult | Promise<StepResult>;
}

/** Creates a step that is given only the facts that it needs. */
export function createStep<const Need extends keyof DoctorFacts>(
  step: Pick<DoctorStep, 'id' | 'title'> & {
    readonly needs: readonly Need[];
    run(context: DoctorContext, facts: Pick<DoctorFacts, Need>): StepResult | Promise<StepResult>;
  },
): DoctorStep {
  return step;
}

/** The result of a step that passed. */
export function passed(verdict: string, facts?: Partial<DoctorFacts>, remedy?: string): StepResult {
  return { status: 'passed', verdict, remedy, facts };
}

/** The result of a step that failed. */
export function failed(verdict: string, remedy: string, facts?: Partial<DoctorFacts>): StepResult {
  return { status: 'failed', verdict, remedy, facts };
}
