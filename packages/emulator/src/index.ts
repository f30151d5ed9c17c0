export { connectEmulator } from './connect/connect-emulator.ts';
export type { ConnectedEmulator, ConnectedFaultHandle, ConnectOptions } from './connect/connected-emulator.ts';
export type { RequestFilter } from './controls/request-filter.ts';
export type {
  ClockControls,
  CreateCredentialOptions,
  CredentialControls,
  Emulator,
  FaultControls,
  FollowedRequests,
  FollowOptions,
  RequestControls,
  TokenControls,
  WaitForOptions,
} from './emulator/emulator.ts';
export type { EmulatorOptions } from './emulator/emulator-options.ts';
export { startEmulator } from './emulator/start-emulator.ts';
export type { EmulatorSeed, SeedCredential, SeedCustomer, SeedPortalUser } from './state/emulator-seed.ts';
export type { Fault, FaultHandle, FaultSummary } from './state/fault.ts';
export type { Profile } from './state/profile.ts';
export type { Reason } from './state/reason.ts';
export type { RequestEntry } from './state/request-entry.ts';
export type { CredentialKind, Role } from './state/role.ts';
export type { CredentialStatus, CredentialSummary } from './storage/credential.ts';
