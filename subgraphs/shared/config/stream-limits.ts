const MIB = 1024 * 1024;

/**
 * A subscription that the supergraph sends on to a subgraph, as JSON. The connection is everybody's, and a message that is too
 * large for it would close it (RFC 6455 §7.4.1, 1009), so each side measures what it sends.
 */
export const MAX_SUBSCRIPTION_BYTES = 4 * MIB;
/** An event that a subgraph sends to the supergraph, as JSON. */
export const MAX_EVENT_BYTES = 8 * MIB;
/** For what the protocol puts around either. */
export const ENVELOPE_BYTES = 64 * 1024;
