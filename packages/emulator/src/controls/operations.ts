import { credentialOperations } from './credential-operations.ts';
import { emulatorOperations } from './emulator-operations.ts';
import { faultOperations } from './fault-operations.ts';
import type { Operation } from './operation.ts';
import { requestOperations } from './request-operations.ts';

/** All operations of an emulator, by name. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  [...emulatorOperations, ...credentialOperations, ...faultOperations, ...requestOperations].map((operation) => [
    operation.name,
    operation,
  ]),
);
