import { createInstellixClient } from '@instellix/core';
import { fileTokenStore } from '@instellix/file-store';
import { openSubject, type Subject } from './subject.ts';

/** Ours, sharing through a directory. */
export function instellixIn(directory: string): Subject {
  return {
    name: '@instellix/core with file-store',
    open({ apiUrl, tokenUrl, realm, clientId, clientSecret }) {
      const store = fileTokenStore({ directory });
      const client = createInstellixClient({ environment: { apiUrl, tokenUrl }, realm, clientId, clientSecret, store });
      return openSubject(client.getToken, (token) => token.value, client.close);
    },
  };
}
