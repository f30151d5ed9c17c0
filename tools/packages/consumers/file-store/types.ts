import type { TokenStore } from '@instellix/core';
import { type FileTokenStoreOptions, fileTokenStore } from '@instellix/file-store';

export const options: FileTokenStoreOptions = { directory: '/var/lib/billing/instellix' };
export const stores: TokenStore[] = [fileTokenStore(), fileTokenStore(options)];
// @ts-expect-error: not an option.
fileTokenStore({ path: '/var/lib/billing' });
