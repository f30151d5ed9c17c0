import { toJsonSchema } from '../controls/json-schema.ts';
import type { Operation } from '../controls/operation.ts';
import { operations } from '../controls/operations.ts';
import { pathOf } from './administration-routes.ts';
import { protocolPaths } from './protocol-paths.ts';

const problem = {
  type: 'object',
  properties: { error: { type: 'string' }, error_description: { type: 'string' } },
  required: ['error', 'error_description'],
  additionalProperties: false,
};
const REFUSALS = {
  400: 'something in the body cannot be used',
  401: 'the adminToken is missing or wrong',
  403: 'the request comes from a web page of another origin',
  408: 'the requests have not come in time (requests/waitFor)',
  413: 'the body is too large',
  415: 'the body is not application/json',
  421: 'the Host header is not one of this emulator',
};

/** Describes the emulator as an OpenAPI document: the administration in full, the protocol in outline. */
export function createOpenapiDocument(): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'instellix emulator',
      version: '1',
      description: 'A local instellix to develop and test against. Every operation is also a method in process.',
    },
    servers: [{ url: '/' }],
    paths: {
      '/_emulator/ready': toGet('ready', 'Responds once the emulator is seeded'),
      '/_emulator/openapi.json': toGet('openapi', 'Returns this document'),
      ...Object.fromEntries(Array.from(operations.values(), (operation) => [pathOf(operation), toPost(operation)])),
      ...protocolPaths,
    },
  };
}

function toGet(operationId: string, summary: string): object {
  const responses = { 200: toContent('done', { type: 'object' }) };
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
      responses: { 200: toContent('done', toJsonSchema(result)), ...Object.fromEntries(refusals) },
    },
  };
}

function toContent(description: string, schema: object): { description: string; content: object } {
  return { description, content: { 'application/json': { schema } } };
}
