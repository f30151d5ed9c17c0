import { axiosTokenInterceptor } from './axios-token-interceptor.ts';
import { azureIdentity } from './azure-identity.ts';
import { instellix } from './instellix.ts';
import { openidClient, openidClientSharingRequests } from './openid-client.ts';
import { simpleOauth2 } from './simple-oauth2.ts';
import type { Subject } from './subject.ts';

/** Ours first, then the clients that teams use today. */
export const contestants: readonly Subject[] = [
  instellix,
  openidClient,
  openidClientSharingRequests,
  simpleOauth2,
  axiosTokenInterceptor,
  azureIdentity,
];
