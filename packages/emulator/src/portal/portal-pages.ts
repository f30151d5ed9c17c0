import { accountPages } from './account-pages.ts';
import { consolePages } from './console-pages.ts';
import { credentialPages } from './credential-pages.ts';
import { credentialListPage, newCredentialPages } from './new-credential-pages.ts';
import type { PortalPage } from './portal-page.ts';
import { auditPage, rolePage } from './role-page.ts';
import { tokenPages } from './token-pages.ts';
import { userPages } from './user-pages.ts';

/** All pages and actions for signed-in users. */
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
