import { createInstellixClient } from '@instellix/core';
import { openSubject, type Subject } from './subject.ts';

/** Ours, with its defaults. */
export const instellix: Subject = {
  name: '@instellix/core',
  open({ apiUrl, tokenUrl, realm, clientId, clientSecret }) {
    const client = createInstellixClient({ environment: { apiUrl, tokenUrl }, realm, clientId, clientSecret });
    return openSubject(client.getToken, (token) => token.value, client.close);
  },
};
