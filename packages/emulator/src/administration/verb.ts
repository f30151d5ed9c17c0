import type { Controls } from '../controls/create-controls.ts';
import type { EmulatorDescription } from '../controls/describe-emulator.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import type { JsonSchema } from './json-schema.ts';

/** What a verb works with. */
export interface VerbContext {
  readonly controls: Controls;
  readonly state: EmulatorState;
  /** Describes the emulator to who reaches it as this caller does. */
  describe(): EmulatorDescription;
}

/**
 * The JSON object that was sent. It goes to the controls as it came (hence `as never` in the verbs): they take nothing on
 * trust, from wherever it comes.
 */
export type Given = Readonly<Record<string, unknown>>;

/** One thing that can be asked of the administration: `POST /_emulator/{path}`. */
export interface Verb {
  /** Group and verb, such as `credentials/rotate`. */
  readonly path: string;
  /** One sentence for the OpenAPI document. */
  readonly summary: string;
  /** What may be sent. */
  readonly request: JsonSchema;
  /** What is answered. */
  readonly answer: JsonSchema;
  /** Whether it changes what the portal shows, and therefore is in its audit log. */
  readonly isAudited?: boolean;
  run(context: VerbContext, given: Given): Promise<object>;
}
