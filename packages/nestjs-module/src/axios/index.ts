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
