import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { ClientSecretCredential } from '@azure/identity';
import type { Credential } from '../token-server/credential.ts';
import { openSubject, type Subject } from './subject.ts';

/** Never resolved: the SDK requires `https`, so that its `httpClient` option redirects the requests to loopback. */
const authorityHost = 'https://login.example';
const tenantId = '00000000-0000-4000-8000-000000000000';

/** The client secret credential of Azure's SDK, which caches its tokens in memory. */
export const azureIdentity: Subject = {
  name: '@azure/identity',
  open(credential) {
    const azure = new ClientSecretCredential(tenantId, credential.clientId, credential.clientSecret, {
      authorityHost,
      disableInstanceDiscovery: true,
      httpClient: createTranslator(credential),
    });
    return openSubject(
      () => azure.getToken('https://api.example/.default'),
      (token) => token.token,
    );
  },
};

/** Converts the request of the SDK to Entra ID (a form) to one for the token server (a Basic header). */
function createTranslator({ tokenUrl, clientId, clientSecret }: Credential): HttpClient {
  const http = createDefaultHttpClient();
  const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
  return {
    async sendRequest(request) {
      if (request.url.includes('/.well-known/openid-configuration')) return describeAuthority(request);
      return http.sendRequest(
        createPipelineRequest({
          url: tokenUrl,
          method: 'POST',
          headers: createHttpHeaders({ authorization, 'content-type': 'application/x-www-form-urlencoded' }),
          body: 'grant_type=client_credentials',
          allowInsecureConnection: true,
        }),
      );
    },
  };
}

function describeAuthority(request: PipelineRequest): PipelineResponse {
  const base = `${authorityHost}/${tenantId}`;
  const metadata = {
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
  };
  const headers = createHttpHeaders({ 'content-type': 'application/json' });
  return { request, status: 200, headers, bodyAsText: JSON.stringify(metadata) };
}
