export { instellixInterceptor, type UndiciInterceptorOptions } from './instellix-interceptor.ts';
