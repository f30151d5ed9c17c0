export type { ConnectedEmulator, ConnectedFaultHandle, ConnectOptions } from './connect/connect-emulator.ts';
export { connectEmulator } from './connect/connect-emulator.ts';
export type {
  ClockControls,
  CreateCredentialOptions,
  CredentialControls,
  FaultControls,
  FollowedRequests,
  FollowOptions,
  RequestControls,
  RequestFilter,
  TokenControls,
  WaitForOptions,
} from './controls/controls.ts';
export type { EmulatorOptions } from './emulator/emulator-options.ts';
export type { Emulator } from './emulator/start-emulator.ts';
export { startEmulator } from './emulator/start-emulator.ts';
export type { Fault, FaultHandle, FaultSummary } from './state/fault.ts';
export type { Profile } from './state/profile.ts';
export type { Reason, RequestEntry } from './state/request-log.ts';
export type { EmulatorSeed, SeedCredential, SeedCustomer, SeedPortalUser } from './state/seed.ts';
export type { CredentialKind, CredentialStatus, CredentialSummary, Role } from './storage/credential.ts';
