import { createInstellixAxios } from '@instellix/axios-interceptor';
import type { AccessToken } from '@instellix/core';
import { isApiUrl } from '@instellix/core/adapter';
import { instellixInterceptor } from '@instellix/undici-interceptor';
import got from 'got';
import { GraphQLClient, gql } from 'graphql-request';
import ky from 'ky';
import { createFetch } from 'ofetch';
import createOpenApiClient from 'openapi-fetch';
import { Agent, request } from 'undici';
import { onTestFinished } from 'vitest';
import { type Connect, type Customer, type Customers, namesOf } from './customer-client.ts';
import { CustomersApi } from './generated-axios-client.ts';

/** What `openapi-typescript` generates, reduced to the operations of the emulator. */
interface Paths {
  '/customers': {
    get: { responses: { 200: { content: { 'application/json': Customers } } } };
    post: {
      requestBody: { content: { 'application/json': { name: string } } };
      responses: { 201: { content: { 'application/json': Customer } } };
    };
  };
}

const connectOpenApiFetch: Connect = (client) => {
  const api = createOpenApiClient<Paths>({ baseUrl: client.environment.apiUrl.href, fetch: client.fetch });
  return {
    list: async (signal) => namesOf((await api.GET('/customers', { ...(signal && { signal }) })).data as Customers),
    create: async (name) => ((await api.POST('/customers', { body: { name } })).data as Customer).name,
  };
};

const connectKy: Connect = (client) => {
  const api = ky.create({ prefix: client.environment.apiUrl.href, fetch: client.fetch });
  return {
    list: async (signal) => namesOf(await api.get('customers', { ...(signal && { signal }) }).json<Customers>()),
    create: async (name) => (await api.post('customers', { json: { name } }).json<Customer>()).name,
  };
};

const connectOfetch: Connect = (client) => {
  const api = createFetch({ fetch: client.fetch, defaults: { baseURL: client.environment.apiUrl.href } });
  return {
    list: async (signal) => namesOf(await api<Customers>('/customers', { ...(signal && { signal }) })),
    create: async (name) => (await api<Customer>('/customers', { method: 'POST', body: { name } })).name,
  };
};

const connectGot: Connect = (client) => {
  const { apiUrl } = client.environment;
  const api = got.extend({
    prefixUrl: apiUrl.href,
    hooks: {
      beforeRequest: [
        async (options) => {
          if (!isApiUrl(apiUrl, new URL(options.url ?? apiUrl))) return;
          const token = await client.getToken({ signal: options.signal });
          options.context['token'] = token;
          options.headers['authorization'] = `Bearer ${token.value}`;
        },
      ],
      beforeRedirect: [
        ({ url, headers }) => {
          if (!isApiUrl(apiUrl, new URL(url ?? apiUrl))) delete headers['authorization'];
        },
      ],
      afterResponse: [
        async (response, retryWithMergedOptions) => {
          const { context, signal } = response.request.options;
          const rejected = context['token'] as AccessToken | undefined;
          if (response.statusCode !== 401 || !rejected) return response;
          await client.getToken({ rejected, signal });
          return retryWithMergedOptions({});
        },
      ],
    },
  });
  return {
    list: async (signal) => namesOf(await api.get('customers', { ...(signal && { signal }) }).json<Customers>()),
    create: async (name) => (await api.post('customers', { json: { name } }).json<Customer>()).name,
  };
};

/** The tests serve GraphQL at `/graphql`. */
const connectGraphqlRequest: Connect = (client) => {
  const api = new GraphQLClient(new URL('graphql', client.environment.apiUrl).href, { fetch: client.fetch });
  const listQuery = gql`
    {
      customers {
        name
      }
    }
  `;
  const createQuery = gql`
    mutation ($name: String!) {
      createCustomer(name: $name) {
        name
      }
    }
  `;
  return {
    list: async (signal) => namesOf(await api.request<Customers>({ document: listQuery, ...(signal && { signal }) })),
    create: async (name) =>
      (await api.request<{ createCustomer: Customer }>(createQuery, { name })).createCustomer.name,
  };
};

/** For node-fetch too: it is the `fetch` of the client. */
const connectClientFetch: Connect = (client) => ({
  list: async (signal) =>
    namesOf((await (await client.fetch('/customers', { signal: signal ?? null })).json()) as Customers),
  create: async (name) => {
    const headers = { 'content-type': 'application/json' };
    const response = await client.fetch('/customers', { method: 'POST', headers, body: JSON.stringify({ name }) });
    return ((await response.json()) as Customer).name;
  },
});

const connectUndici: Connect = (client) => {
  const dispatcher = new Agent().compose(instellixInterceptor(client));
  onTestFinished(() => dispatcher.close());
  const url = new URL('customers', client.environment.apiUrl);
  return {
    list: async (signal) =>
      namesOf((await (await request(url, { dispatcher, signal: signal ?? null })).body.json()) as Customers),
    create: async (name) => {
      const headers = { 'content-type': 'application/json' };
      const { body } = await request(url, { dispatcher, method: 'POST', headers, body: JSON.stringify({ name }) });
      return ((await body.json()) as Customer).name;
    },
  };
};

const connectGeneratedAxios: Connect = (client) => {
  const { href } = client.environment.apiUrl;
  const api = new CustomersApi({ basePath: href }, undefined, createInstellixAxios(client));
  return {
    list: async (signal) => namesOf((await api.listCustomers({ ...(signal && { signal }) })).data),
    create: async (name) => (await api.createCustomer({ name })).data.name,
  };
};

/** Each HTTP client of `docs/clients.md` by its name. */
export const connections: Readonly<Record<string, Connect>> = {
  'client.fetch': connectClientFetch,
  'openapi-fetch': connectOpenApiFetch,
  ky: connectKy,
  ofetch: connectOfetch,
  got: connectGot,
  'graphql-request': connectGraphqlRequest,
  'node-fetch': connectClientFetch,
  undici: connectUndici,
  'a generated Axios client': connectGeneratedAxios,
};
