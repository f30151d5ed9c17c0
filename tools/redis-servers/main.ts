/**
 * Fetches the Redis and Valkey servers that the tests want beside the machine's own, from other releases of Debian, into a
 * folder of this repository's. Nothing is installed; what is here already is left as it is.
 */
import { fetchServers } from './fetch-servers.ts';
import { isFetched, releases } from './fetched-servers.ts';

for (const release of releases) {
  const names = `${release.servers.join(' and ')} of ${release.codename}`;
  if (isFetched(release)) {
    console.log(`${names}: here already`);
    continue;
  }
  await fetchServers(release);
  console.log(`${names}: fetched`);
}
