import { describe } from 'vitest';
import { findProgram } from '../../../tools/left-out/needs.ts';

/** A suite that needs a Redis; without one it is left out, which the beginning and the end of the run say aloud. */
export const describeWithRedis = findProgram('redis-server') ? describe : describe.skip;
