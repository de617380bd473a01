import { isIP, type LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { buildConnector } from 'undici';
import { FetchRefused } from './fetch-refused.js';
import type { Network } from './network.js';

/**
 * Opens connections to what the network permits. The addresses that are checked are the ones that are connected to: there is
 * no second look-up in between which could answer otherwise (DNS rebinding). A name that has even one address that is not
 * permitted is refused whole, as no honest one has. TLS still checks the certificate against the name.
 */
export function createCheckedConnect(network: Network, signal: AbortSignal): buildConnector.connector {
  return (options, callback) => {
    const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80);
    const permits = (address: string): boolean => network.permits(address, port);
    // What is an address already is never looked up.
    if (isIP(options.hostname) !== 0 && !permits(options.hostname)) {
      callback(notPermitted(options.hostname), null);
      return;
    }
    const lookup = checkedLookup((name) => network.resolve(name, signal), permits);
    const transport = { lookup, signal, autoSelectFamily: true, allowH2: false, maxCachedSessions: 0, timeout: 0 };
    buildConnector(transport)(options, (...[error, socket]) => {
      if (error) {
        callback(error, null);
        return;
      }
      // Whatever became of the above on its way through two libraries: this is whom we would speak to.
      const { remoteAddress = 'unknown' } = socket;
      if (permits(remoteAddress)) {
        callback(null, socket);
      } else {
        socket.destroy();
        callback(notPermitted(remoteAddress), null);
      }
    });
  };
}

/** With `autoSelectFamily` Node always asks for all addresses of a name. */
function checkedLookup(
  resolve: (name: string) => Promise<readonly string[]>,
  permits: (address: string) => boolean,
): LookupFunction {
  return callbackify(async (name: string) => {
    const addresses = await resolve(name);
    if (addresses.length === 0) throw new FetchRefused('the name has no address');
    const refused = addresses.find((address) => !permits(address));
    if (refused !== undefined) throw notPermitted(refused);
    return addresses.map((address) => ({ address, family: isIP(address) }));
  }) as unknown as LookupFunction;
}

function notPermitted(address: string): FetchRefused {
  return new FetchRefused(`the address ${address} is not permitted`);
}
