import { toJsonSchema as convert } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import { type Operation, pathOf } from '../controls/operation.ts';
import { operations } from '../controls/operations.ts';

const problem = {
  type: 'object',
  properties: { error: { type: 'string' }, error_description: { type: 'string' } },
  required: ['error', 'error_description'],
  additionalProperties: false,
};
const REFUSALS = {
  400: 'an argument in the body is invalid',
  401: 'the adminToken is missing or wrong',
  403: 'the request comes from a web page of another origin',
  408: 'too few requests matched within timeoutMs (requests/waitFor)',
  413: 'the body is too large',
  415: 'the Content-Type is not application/json',
  421: 'the Host header is not a name of this emulator',
};

/** Creates the OpenAPI document: the administration in full, the protocol in outline. */
export function createOpenapiDocument(): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'instellix emulator',
      version: '1',
      description: 'A local instellix for development and tests. Every operation is also a method in process.',
    },
    servers: [{ url: '/' }],
    paths: {
      '/_emulator/ready': toGet('ready', 'Responds with 200 after the seed is stored'),
      '/_emulator/openapi.json': toGet('openapi', 'Returns this document'),
      ...Object.fromEntries(Array.from(operations.values(), (operation) => [pathOf(operation), toPost(operation)])),
      ...protocolPaths,
    },
  };
}

function toGet(operationId: string, summary: string): object {
  const responses = { 200: toContent('success', { type: 'object' }) };
  return { get: { operationId, tags: ['administration'], summary, responses } };
}

function toPost({ name, summary, arguments: given, result }: Operation): object {
  const refusals = Object.entries(REFUSALS).map(([status, reason]) => [status, toContent(reason, problem)]);
  return {
    post: {
      operationId: name,
      tags: ['administration'],
      summary,
      requestBody: { required: true, ...toContent('the arguments', toJsonSchema(given)) },
      responses: { 200: toContent('success', toJsonSchema(result)), ...Object.fromEntries(refusals) },
    },
  };
}

function toContent(description: string, schema: object): { description: string; content: object } {
  return { description, content: { 'application/json': { schema } } };
}

const realm = [{ name: 'realm', in: 'path', required: true, schema: { type: 'string' } }];
const unauthorized = { 401: { description: 'missing or invalid credentials' } };
const forbidden = { ...unauthorized, 403: { description: 'insufficient scope (RFC 6750 section 3.1)' } };

/** The paths that a client of instellix calls. `docs/emulator.md` states their rules. */
const protocolPaths = {
  '/{realm}/oauth2/token': {
    parameters: realm,
    post: protocol('token', 'Issues a token for client credentials (RFC 6749 section 4.4)', {
      200: { description: 'an access token' },
      400: { description: 'an invalid request (RFC 6749 section 5.2)' },
      ...unauthorized,
    }),
  },
  '/{realm}/oauth2/revoke': {
    parameters: realm,
    post: protocol('revoke', 'Revokes a token of the client (RFC 7009)', {
      200: { description: 'the token is revoked, or does not exist' },
      400: { description: 'an invalid request (RFC 7009 section 2.2.1)' },
      ...unauthorized,
    }),
  },
  '/.well-known/oauth-authorization-server/{realm}': {
    parameters: realm,
    get: protocol('metadata', 'Describes the endpoints of a realm (RFC 8414)', {
      200: { description: 'the metadata' },
      404: { description: 'the realm does not exist' },
    }),
  },
  '/customers': {
    get: protocol('listCustomers', 'Lists the customers of the realm; needs customers:read', {
      200: { description: 'the customers' },
      ...forbidden,
    }),
    post: protocol('createCustomer', 'Creates a customer; needs customers:write', {
      201: { description: 'the customer' },
      ...forbidden,
    }),
  },
  '/some-resource': {
    get: protocol('readSomeResource', 'Returns a resource; needs any valid token', {
      200: { description: 'the resource' },
      ...unauthorized,
    }),
  },
};

function protocol(operationId: string, summary: string, responses: object): object {
  return { operationId, tags: ['protocol'], summary, responses };
}

/** Converts a schema to JSON Schema 2020-12, without the checks that JSON Schema cannot express. */
export function toJsonSchema(schema: GenericSchema): object {
  return convert(schema, { target: 'draft-2020-12', typeMode: 'output', errorMode: 'ignore' });
}
