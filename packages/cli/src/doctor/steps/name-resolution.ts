import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { findErrorCode } from '../../error/find-reason.ts';
import { createStep, failed, passed } from '../doctor-step.ts';
import { describeProxy, findProxy } from '../proxy.ts';

/** Whether the hosts of API and token endpoint have addresses. */
export const nameResolution = createStep({
  id: 'name_resolution',
  title: 'name resolution',
  needs: ['environment'],
  async run({ env }, { environment }) {
    const { apiUrl, tokenUrl } = environment;
    const urls = apiUrl.origin === tokenUrl.origin ? [apiUrl] : [apiUrl, tokenUrl];
    const found: string[] = [];
    for (const url of urls) {
      const hostname = url.hostname.replace(/^\[|\]$/g, '');
      const proxy = findProxy(env, url);
      if (proxy?.isUsed) {
        found.push(`${hostname} is left to the proxy of ${proxy.variable}`);
        continue;
      }
      try {
        const addresses = await lookup(hostname, { all: true });
        found.push(isIP(hostname) ? `${hostname} is an address` : `${hostname} has ${count(addresses.length)}`);
      } catch (error) {
        return failed(
          `The host name ${hostname} cannot be resolved (${findErrorCode(error)}).`,
          `Check INSTELLIX_ENVIRONMENT, INSTELLIX_API_URL and INSTELLIX_TOKEN_URL. If other names cannot be resolved either, check the network.${describeProxy(env, url)}`,
        );
      }
    }
    return passed(`${[...new Set(found)].join(', ')}.`, { urls });
  },
});

function count(addresses: number): string {
  return addresses === 1 ? 'one address' : `${addresses} addresses`;
}
