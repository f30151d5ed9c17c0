export type { TokenScript } from './create-scripted-client.ts';
export {
  type EmulatedClientOptions,
  type EmulatorAccess,
  provideInstellixClient,
  type ScriptedClientOptions,
} from './provide-instellix-client.ts';
