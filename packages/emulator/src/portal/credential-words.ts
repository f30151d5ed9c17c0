import { invalid } from '../state/validate.ts';
import type { CredentialStatus, CredentialSummary } from '../storage/credential.ts';
import type { PortalRequest } from './portal-request.ts';

/** Where a credential has its page. The id is in the query: as a segment of a path, ".." would be swallowed. */
export function credentialPath(clientId: string, act = ''): string {
  return `/portal/credential${act}?id=${encodeURIComponent(clientId)}`;
}

/** What the portal calls a status: to people, what is revoked for good is deleted. */
export function statusWord(status: CredentialStatus): string {
  return status === 'revoked' ? 'deleted' : status;
}

/** The credential of which a request speaks. @throws InvalidInput */
export async function findCredential(request: PortalRequest): Promise<CredentialSummary> {
  const clientId = request.fields.get('id') ?? '';
  const credential = (await request.controls.credentials.list()).find((one) => one.clientId === clientId);
  if (credential === undefined) throw invalid('id', 'no credential has this client id');
  return credential;
}
