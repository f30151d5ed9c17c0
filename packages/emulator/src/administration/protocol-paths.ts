/** The paths that a client of instellix calls, for the OpenAPI document; `docs/emulator.md` has their rules. */
export const protocolPaths = {
  '/{realm}/oauth2/token': {
    parameters: [{ name: 'realm', in: 'path', required: true, schema: { type: 'string' } }],
    post: {
      operationId: 'token',
      tags: ['protocol'],
      summary: 'Issues a token for client credentials in a Basic header (RFC 6749 section 4.4)',
      responses: {
        200: { description: 'a token' },
        400: { description: 'RFC 6749 section 5.2' },
        401: { description: 'refused, or throttled' },
      },
    },
  },
  '/{realm}/oauth2/revoke': {
    parameters: [{ name: 'realm', in: 'path', required: true, schema: { type: 'string' } }],
    post: {
      operationId: 'revoke',
      tags: ['protocol'],
      summary: 'Ends a token of the client that asks (RFC 7009)',
      responses: {
        200: { description: 'the token is ended' },
        400: { description: 'RFC 7009 section 2.2.1' },
        401: { description: 'refused' },
      },
    },
  },
  '/.well-known/oauth-authorization-server/{realm}': {
    parameters: [{ name: 'realm', in: 'path', required: true, schema: { type: 'string' } }],
    get: {
      operationId: 'metadata',
      tags: ['protocol'],
      summary: 'Describes the endpoints of a realm (RFC 8414)',
      responses: { 200: { description: 'the metadata' }, 404: { description: 'no such realm' } },
    },
  },
  '/customers': {
    get: {
      operationId: 'listCustomers',
      tags: ['protocol'],
      summary: 'Lists the customers of the realm; needs customers:read',
      responses: {
        200: { description: 'the customers' },
        401: { description: 'RFC 6750' },
        403: { description: 'RFC 6750' },
      },
    },
    post: {
      operationId: 'createCustomer',
      tags: ['protocol'],
      summary: 'Creates a customer; needs customers:write',
      responses: {
        201: { description: 'the customer' },
        401: { description: 'RFC 6750' },
        403: { description: 'RFC 6750' },
      },
    },
  },
  '/some-resource': {
    get: {
      operationId: 'readSomeResource',
      tags: ['protocol'],
      summary: 'Answers any valid token',
      responses: { 200: { description: 'the resource' }, 401: { description: 'RFC 6750' } },
    },
  },
};
