import { ConfigurationError } from '@instellix/core';
import type { InternalAxiosRequestConfig } from 'axios';

/** @throws ConfigurationError when what a call says contradicts itself */
export function checkCall({ auth, data, instellix }: InternalAxiosRequestConfig): void {
  if (auth) {
    throw new ConfigurationError([
      'Axios would send `auth` in place of the access token: leave it out, or set instellix: false for this call.',
    ]);
  }
  const { body } = instellix || {};
  if (body && data !== undefined) {
    throw new ConfigurationError(['axios: give either data or instellix.body, not both.']);
  }
}
