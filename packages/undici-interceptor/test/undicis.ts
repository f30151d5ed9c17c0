import { selectVersions } from '@instellix/testing';
import * as undici8 from 'undici';
import * as undici7 from 'undici7';
import * as undici7Oldest from 'undici7-oldest';

/** What the tests use of undici. The types of the versions differ, but not in this. */
export type Undici = typeof undici8;

/** Each version that is supported, and that the project tests. */
export const undicis = selectVersions([
  { name: 'undici 8:', undici: undici8 },
  { name: 'undici 7:', undici: undici7 as unknown as Undici },
  { name: 'undici 7.2:', undici: undici7Oldest as unknown as Undici },
]);
