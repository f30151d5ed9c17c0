export {
  getInstellixClientToken,
  InjectInstellixClient,
  InstellixClient,
} from './client/instellix-client.token.ts';
export { InstellixExceptionFilter } from './exception/instellix-exception.filter.ts';
export { InstellixModule } from './module/instellix.module.ts';
export type {
  InstellixModuleAsyncOptions,
  InstellixModuleExtras,
  InstellixModuleOptions,
  InstellixModuleRootOptions,
  InstellixOptionsFactory,
} from './module/instellix-module-options.ts';
