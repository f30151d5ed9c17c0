export { type FakeClientOptions, provideInstellixClient, type TokenScript } from './provide-instellix-client.ts';
