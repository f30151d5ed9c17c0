import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent } from 'undici';

/** Creates the proxy's own pool of connections to the API. It goes through corporate proxies when `NODE_USE_ENV_PROXY` is 1. */
export function createApiDispatcher(connectMs: number): Dispatcher {
  const connectApi = buildConnector({ timeout: connectMs });
  const connect: buildConnector.connector = (options, callback) => {
    connectApi(options, (...[error, socket]) => {
      if (error) return callback(error, null);
      // undici 7 takes ECONNRESET for the end of a body that lasts until its connection ends. With another code, it fails the response.
      socket.on('error', (broken: NodeJS.ErrnoException) => {
        if (broken.code === 'ECONNRESET') broken.code = 'UND_ERR_SOCKET';
      });
      callback(null, socket);
    });
  };
  if (process.env['NODE_USE_ENV_PROXY'] !== '1') return new Agent({ connect });
  return new EnvHttpProxyAgent({ connect, proxyTls: { timeout: connectMs }, requestTls: { timeout: connectMs } });
}
