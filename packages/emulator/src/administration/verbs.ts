import { clockVerbs } from './clock-verbs.ts';
import { credentialVerbs } from './credential-verbs.ts';
import { faultVerbs } from './fault-verbs.ts';
import { requestVerbs } from './request-verbs.ts';
import type { Verb } from './verb.ts';
import { wholeVerbs } from './whole-verbs.ts';

/** Everything that can be asked of the administration, by its path below `/_emulator/`. */
export const verbs: ReadonlyMap<string, Verb> = new Map(
  [...wholeVerbs, ...clockVerbs, ...credentialVerbs, ...faultVerbs, ...requestVerbs].map((verb) => [verb.path, verb]),
);
