import { type JsonSchema, object, text } from './json-schema.ts';
import { protocolPaths } from './protocol-paths.ts';
import type { Verb } from './verb.ts';
import { verbs } from './verbs.ts';

const problem = object({ error: text, error_description: text });
const REFUSALS = {
  400: 'something in the body cannot be used',
  401: 'the adminToken is missing or wrong',
  403: 'the request comes from a web page of another origin',
  413: 'the body is too large',
  415: 'the body is not application/json',
  421: 'the Host header is not one of this emulator',
};

/** What the emulator answers, as an OpenAPI document: the administration in full, the protocol in outline. */
export const openapiDocument = {
  openapi: '3.1.0',
  info: {
    title: 'instellix emulator',
    version: '1',
    description:
      'A local instellix to develop and test against. Every verb is also a method of the in-process interface.',
  },
  servers: [{ url: '/' }],
  paths: {
    '/_emulator/ready': {
      get: {
        operationId: 'ready',
        tags: ['administration'],
        summary: 'Answers once the emulator is seeded',
        responses: { 200: jsonContent('it is', object({ ready: { const: true } })) },
      },
    },
    '/_emulator/openapi.json': {
      get: {
        operationId: 'openapi',
        tags: ['administration'],
        summary: 'This document',
        responses: { 200: jsonContent('the document', { type: 'object' }) },
      },
    },
    ...Object.fromEntries(
      Array.from(verbs.values(), (verb) => [`/_emulator/${verb.path}`, { post: toOperation(verb) }]),
    ),
    ...protocolPaths,
  },
};

function toOperation(verb: Verb): JsonSchema {
  const refusals = Object.entries({
    ...REFUSALS,
    ...(verb.path === 'requests/waitFor' && { 408: 'the requests have not come in time' }),
  }).map(([status, description]) => [status, jsonContent(description, problem)]);
  return {
    operationId: verb.path.replace('/', '.'),
    tags: ['administration'],
    summary: verb.summary,
    requestBody: { required: true, content: { 'application/json': { schema: verb.request } } },
    responses: { 200: jsonContent('done', verb.answer), ...Object.fromEntries(refusals) },
  };
}

function jsonContent(description: string, schema: JsonSchema): JsonSchema {
  return { description, content: { 'application/json': { schema } } };
}
