export { connectEmulator } from './connect/connect-emulator.ts';
export type { ConnectedEmulator, ConnectedFaultHandle, ConnectOptions } from './connect/connected-emulator.ts';
export type { CredentialStatus, CredentialSummary } from './credential/credential.ts';
export type { CredentialKind, Role } from './credential/role.ts';
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
export type { Fault, FaultHandle, FaultSummary } from './fault/fault.ts';
export type { Reason } from './journal/reason.ts';
export type { RequestEntry } from './journal/request-entry.ts';
export type { RequestFilter } from './journal/request-filter.ts';
export type { Profile } from './profile/profile.ts';
export type { EmulatorSeed, SeedCredential, SeedCustomer, SeedPortalUser } from './seed/emulator-seed.ts';
