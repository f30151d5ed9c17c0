import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';

/** Creates the proxy's own pool of connections to the API. It goes through corporate proxies when `NODE_USE_ENV_PROXY` is 1. */
export function createApiDispatcher(connectMs: number): Dispatcher {
  const timeout = { timeout: connectMs };
  const options = { connect: buildConnector(timeout), factory: createPool };
  if (process.env['NODE_USE_ENV_PROXY'] !== '1') return new Agent(options);
  return new EnvHttpProxyAgent({ ...options, proxyTls: timeout, requestTls: timeout });
}

/** Creates the pool of an origin, whose connections may be tunnels through a corporate proxy. */
function createPool(origin: string | URL, options: Pool.Options): Dispatcher {
  const connectApi = options.connect as buildConnector.connector;
  const connect: buildConnector.connector = (target, callback) => {
    connectApi(target, (...[error, socket]) => {
      if (error) return callback(error, null);
      // undici 7 takes ECONNRESET for the end of a body that lasts until its connection ends. With another code, it fails the response.
      socket.on('error', (broken: NodeJS.ErrnoException) => {
        if (broken.code === 'ECONNRESET') broken.code = 'UND_ERR_SOCKET';
      });
      callback(null, socket);
    });
  };
  return new Pool(origin, { ...options, connect });
}
