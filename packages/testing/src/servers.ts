export { type ConnectProxy, type ConnectProxyOptions, startConnectProxy } from './servers/connect-proxy.ts';
export { FakeApi, type FakeApiOptions, type FakeApiRequest, type FakeApiResponder } from './servers/fake-api.ts';
export { findFreePort } from './servers/find-free-port.ts';
export { RedisServer } from './servers/redis-server.ts';
export { type Service, type ServiceOptions, startService } from './servers/start-service.ts';
