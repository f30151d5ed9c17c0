import { describe } from 'vitest';
import { findProgram } from '../../../tools/skipped-tests/requirements.ts';

/** A suite that needs Redis. Without it, the suite is skipped, and the start and the end of the test run say so. */
export const describeWithRedis = findProgram('redis-server') ? describe : describe.skip;
