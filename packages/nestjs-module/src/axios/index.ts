// Also loads the type of `instellix` in the configs of Axios.
export type { InstellixCallOptions } from '@instellix/axios-interceptor';
export {
  InstellixHttpModule,
  type InstellixHttpModuleAsyncOptions,
  type InstellixHttpModuleOptions,
} from './instellix-http.module.ts';
export {
  getInstellixHttpServiceToken,
  InjectInstellixHttpService,
  InstellixHttpService,
} from './instellix-http.service.ts';
