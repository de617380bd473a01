import { Resolver } from 'node:dns/promises';
import { isPublicAddress } from './public-address.js';

/** What a fetch may reach, and how names lead there. */
export interface Network {
  /** All addresses of a name, in canonical spelling; none when there are none. */
  resolve(name: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Whether a connection to this port of this address may be opened. */
  permits(address: string, port: number): boolean;
}

const WEB_PORTS: ReadonlySet<number> = new Set([80, 443]);
const DNS_PATIENCE = { timeout: 3_000, tries: 2 };

/** Web servers of the public internet: the only network that the services are built with. */
export const PUBLIC_WEB: Network = {
  resolve: addressesOf,
  permits: (address, port) => WEB_PORTS.has(port) && isPublicAddress(address),
};

/**
 * Asks the name servers themselves: neither `/etc/hosts` nor search domains have a say, and a slow server does not hold up the
 * threads that `getaddrinfo` shares with file access.
 */
async function addressesOf(name: string, signal: AbortSignal): Promise<string[]> {
  const resolver = new Resolver(DNS_PATIENCE);
  const cancel = (): void => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
