import { accountPages } from './account/account-pages.ts';
import { auditPage } from './audit/audit-page.ts';
import { consolePages } from './console/console-pages.ts';
import { credentialListPage } from './credential/credential-list-page.ts';
import { credentialPages } from './credential/credential-pages.ts';
import { newCredentialPages } from './credential/new-credential-pages.ts';
import type { PortalPage } from './portal-page.ts';
import { rolePage } from './role/role-page.ts';
import { tokenPages } from './token/token-pages.ts';
import { userPages } from './user/user-pages.ts';

/** Everything that can be asked of the portal by who is signed in. */
export const portalPages: readonly PortalPage[] = [
  credentialListPage,
  ...newCredentialPages,
  ...credentialPages,
  rolePage,
  ...userPages,
  ...tokenPages,
  auditPage,
  ...accountPages,
  ...consolePages,
];
