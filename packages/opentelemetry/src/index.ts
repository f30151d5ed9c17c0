export {
  type ObserveInstellixClientOptions,
  observeInstellixClient,
  type TokenObservation,
} from './observe-instellix-client.ts';
