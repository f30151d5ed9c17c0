import type { Endpoint } from '../endpoint.ts';
import { decideTokenRequest, identifyClient } from './decide-token-request.ts';

/** `POST /{realm}/oauth2/token` (F2). */
export const tokenEndpoint: Endpoint = {
  name: () => 'token',
  maxBodyBytes: 65_536,
  decide: decideTokenRequest,
  identify: identifyClient,
};
