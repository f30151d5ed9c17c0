import type { CredentialStatus, CredentialSummary } from '../../credential/credential.ts';
import { invalid } from '../../input/invalid.ts';
import type { Visit } from '../visit.ts';

/** Where a credential has its page. The id is in the query: as a segment of a path, ".." would be swallowed. */
export function credentialPath(clientId: string, act = ''): string {
  return `/portal/credential${act}?id=${encodeURIComponent(clientId)}`;
}

/** What the portal calls a status: to people, what is revoked for good is deleted. */
export function statusWord(status: CredentialStatus): string {
  return status === 'revoked' ? 'deleted' : status;
}

/** The credential of which a visit speaks. @throws InvalidInput */
export async function findCredential(visit: Visit): Promise<CredentialSummary> {
  const clientId = visit.fields.get('id') ?? '';
  const credential = (await visit.controls.credentials.list()).find((one) => one.clientId === clientId);
  if (credential === undefined) throw invalid('id', 'no credential has this client id');
  return credential;
}
