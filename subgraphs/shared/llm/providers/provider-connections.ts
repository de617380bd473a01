import { Agent, EnvHttpProxyAgent, Pool, type Dispatcher } from 'undici';
import { createCheckedConnect } from '#shared/safe-fetch/checked-connect.js';
import type { Network } from '#shared/safe-fetch/network.js';

/**
 * How long an answer may take is the caller's to say; by itself the client would give up after 300 s. HTTP/1.1, as by Node's own
 * `fetch`: `isLostConnection` knows its errors.
 */
const TERMS = { headersTimeout: 0, bodyTimeout: 0, allowH2: false };

/**
 * Connections to providers. Where `NODE_USE_ENV_PROXY` is 1 they go through the proxies that the environment names (`HTTP_PROXY`,
 * `HTTPS_PROXY`, `NO_PROXY`), as those of Node's own `fetch` do.
 */
export const providerConnections: Dispatcher = usesEnvProxy() ? proxiedConnections() : new Agent(TERMS);

/**
 * Connections for one request to what `network` permits, whatever name leads there. Never through a proxy, which would look the
 * name up itself.
 */
export function checkedConnections(network: Network, signal: AbortSignal): Agent {
  return new Agent({ ...TERMS, connect: createCheckedConnect(network, signal) });
}

/** A setting of Node's own, not of ours: undici, too, reads the names of the proxies from the environment by itself. */
function usesEnvProxy(): boolean {
  // oxlint-disable-next-line no-process-env -- Node reads it from there, too.
  return process.env['NODE_USE_ENV_PROXY'] === '1';
}

/** The agent does not pass its terms on to the connections by which a proxy is sent requests of plain HTTP. */
function proxiedConnections(): Dispatcher {
  const factory = (origin: string | URL, options: object): Dispatcher => new Pool(origin, { ...options, ...TERMS });
  return new EnvHttpProxyAgent({ ...TERMS, factory });
}
