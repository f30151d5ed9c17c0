import type { RequestListener, Server } from 'node:http';

/** The target and the token of a proxy. */
export interface ProxyTarget {
  /** The API, without a slash at its end; its token endpoint is `/acme/oauth2/token` below it. */
  readonly origin: string;
  /** The token of a proxy that does not request one itself. */
  readonly authorization: string;
}

/** A proxy, mounted at `/api` as its users mount it. */
export interface ProxySubject {
  readonly name: string;
  /** Loads the proxy and only what it needs. */
  start(target: ProxyTarget): Promise<RequestListener | Server>;
}

/** The minimum cost of a proxy in Express: Express and undici, without checks, error handling and limits. */
export const proxyLimit: ProxySubject = {
  name: 'limit: Express with undici, no checks',
  async start({ origin, authorization }) {
    const { default: express } = await import('express');
    const { Pool } = await import('undici');
    const pool = new Pool(origin);
    return express().use('/api', (request, response, next) => {
      const { method, url: path, headers } = request;
      const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
      const forwarded = { accept: headers.accept, authorization };
      pool.stream(
        { method, path, headers: forwarded, body: hasBody ? request : null },
        (upstream) => {
          delete upstream.headers['connection'];
          delete upstream.headers['keep-alive'];
          return response.writeHead(upstream.statusCode, upstream.headers);
        },
        (error) => error && next(error),
      );
    });
  },
};

/** The same again: the difference between the two is noise. */
export const secondProxyLimit: ProxySubject = { ...proxyLimit, name: 'limit, measured a second time' };

export const instellixProxySubject: ProxySubject = {
  name: 'instellixProxy',
  async start({ origin }) {
    const { default: express } = await import('express');
    const { createInstellixClient } = await import('@instellix/core');
    const { instellixProxy } = await import('@instellix/express-middleware/proxy');
    const client = createInstellixClient({
      environment: { apiUrl: origin },
      realm: 'acme',
      clientId: 'proxy',
      clientSecret: 'secret',
    });
    const allow = [{ methods: ['GET'], path: '/items/**', query: ['limit'] }];
    return express().use('/api', instellixProxy(client, { allow, authorize: () => true }));
  },
};

/** Puts `compression()` before a proxy. All is compressed, at the fastest level. */
function compressed(subject: ProxySubject): ProxySubject {
  return {
    name: `${subject.name}, after compression()`,
    async start(target) {
      const { default: express } = await import('express');
      const { default: compression } = await import('compression');
      const proxy = (await subject.start(target)) as RequestListener;
      return express().use(compression({ level: 1, filter: () => true }), proxy as never);
    },
  };
}

export const compressedLimit = compressed(proxyLimit);
export const compressedInstellixProxy = compressed(instellixProxySubject);

const httpProxyMiddleware: ProxySubject = {
  name: 'http-proxy-middleware',
  async start({ origin, authorization }) {
    const { default: express } = await import('express');
    const { Agent } = await import('node:http');
    const { createProxyMiddleware } = await import('http-proxy-middleware');
    const agent = new Agent({ keepAlive: true });
    const headers = { authorization };
    return express().use('/api', createProxyMiddleware({ target: origin, changeOrigin: true, agent, headers }));
  },
};

const expressHttpProxy: ProxySubject = {
  name: 'express-http-proxy',
  async start({ origin, authorization }) {
    const { default: express } = await import('express');
    const { Agent } = await import('node:http');
    const { default: proxy } = await import('express-http-proxy');
    const agent = new Agent({ keepAlive: true });
    const authorize = proxy(origin, {
      proxyReqOptDecorator: (options) => ({ ...options, agent, headers: { ...options.headers, authorization } }),
    });
    return express().use('/api', authorize);
  },
};

const replyFrom: ProxySubject = {
  name: '@fastify/reply-from, in Fastify',
  async start({ origin, authorization }) {
    const { fastify } = await import('fastify');
    const { default: plugin } = await import('@fastify/reply-from');
    const app = fastify();
    await app.register(plugin, { base: origin, undici: {} });
    app.all('/api/*', (request, reply) =>
      reply.from(request.url.slice('/api'.length), {
        rewriteRequestHeaders: (_, headers) => ({ ...headers, authorization }),
      }),
    );
    await app.ready();
    return app.server;
  },
};

const fastProxy: ProxySubject = {
  name: 'fast-proxy, with undici, in Express',
  async start({ origin, authorization }) {
    const { default: express } = await import('express');
    const { default: createProxy } = await import('fast-proxy');
    const { proxy } = createProxy({ base: origin, undici: {} });
    return express().use('/api', (request, response) => {
      const rewriteRequestHeaders = (_: unknown, headers: object) => ({ ...headers, authorization });
      proxy(request, response, request.url, { rewriteRequestHeaders } as never);
    });
  },
};

/** A hand-written proxy on Node. */
const nodePipeline: ProxySubject = {
  name: 'node:http and pipeline, no Express',
  async start({ origin, authorization }) {
    const { Agent, request: send } = await import('node:http');
    const { pipeline } = await import('node:stream');
    const agent = new Agent({ keepAlive: true });
    const ignore = () => {};
    return (request, response) => {
      const { method, url = '', headers } = request;
      const target = new URL(origin + url.slice('/api'.length));
      const options = { method, agent, headers: { ...headers, host: target.host, authorization } };
      const outgoing = send(target, options, (upstream) => {
        response.writeHead(upstream.statusCode ?? 502, upstream.rawHeaders);
        pipeline(upstream, response, ignore);
      });
      pipeline(request, outgoing, ignore);
    };
  },
};

export const proxyPeers: readonly ProxySubject[] = [
  httpProxyMiddleware,
  expressHttpProxy,
  replyFrom,
  fastProxy,
  nodePipeline,
];
export const proxySubjects: readonly ProxySubject[] = [
  proxyLimit,
  secondProxyLimit,
  instellixProxySubject,
  ...proxyPeers,
];
/** All proxies. */
export const startableSubjects: readonly ProxySubject[] = [...proxySubjects, compressedLimit, compressedInstellixProxy];
