import { STATUS_CODES } from 'node:http';
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
      ...Object.fromEntries(operations.map((operation) => [pathOf(operation), toPost(operation)])),
      ...protocolPaths(),
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

/** The paths that a client of instellix calls. `docs/emulator.md` states their rules. */
const PROTOCOL: readonly [path: string, method: string, id: string, summary: string, statuses: readonly number[]][] = [
  ['/{realm}/oauth2/token', 'post', 'token', 'Issues a token (RFC 6749 section 4.4)', [200, 400, 401]],
  ['/{realm}/oauth2/revoke', 'post', 'revoke', 'Revokes a token of the client (RFC 7009)', [200, 400, 401]],
  ['/.well-known/oauth-authorization-server/{realm}', 'get', 'metadata', 'Describes a realm (RFC 8414)', [200, 404]],
  ['/customers', 'get', 'listCustomers', 'Lists the customers of the realm; needs customers:read', [200, 401, 403]],
  ['/customers', 'post', 'createCustomer', 'Creates a customer; needs customers:write', [201, 400, 401, 403]],
  ['/some-resource', 'get', 'readSomeResource', 'Returns a resource; needs any valid token', [200, 401]],
];

function protocolPaths(): Record<string, object> {
  const realm = [{ name: 'realm', in: 'path', required: true, schema: { type: 'string' } }];
  const paths: Record<string, object> = {};
  for (const [path, method, operationId, summary, statuses] of PROTOCOL) {
    const responses = Object.fromEntries(statuses.map((status) => [status, { description: STATUS_CODES[status] }]));
    const parameters = path.includes('{realm}') && { parameters: realm };
    paths[path] = { ...paths[path], ...parameters, [method]: { operationId, tags: ['protocol'], summary, responses } };
  }
  return paths;
}

/** Converts a schema to JSON Schema 2020-12, without the checks that JSON Schema cannot express. */
export function toJsonSchema(schema: GenericSchema): object {
  return convert(schema, { target: 'draft-2020-12', typeMode: 'output', errorMode: 'ignore' });
}
