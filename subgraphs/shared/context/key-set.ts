import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

export interface VerificationKey {
  readonly kid: string;
  readonly key: KeyObject;
}

const PEM_BLOCK = /-----BEGIN [A-Z ]+-----[\s\S]+?-----END [A-Z ]+-----/g;

/**
 * Splits one or more PEM keys into verification keys, the first one first. A private key yields its public half.
 * Throws when a key is not RSA of at least 2048 bits.
 */
export function parseKeySet(pems: string): VerificationKey[] {
  const blocks = pems.match(PEM_BLOCK) ?? [];
  return blocks.map((block) => {
    const key = createPublicKey(block);
    if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) {
      throw new Error('A signing key must be RSA with at least 2048 bits.');
    }
    return { kid: thumbprint(key), key };
  });
}

/** The JWK thumbprint of an RSA key (RFC 7638), which we use as `kid`. */
export function thumbprint(key: KeyObject): string {
  const { e, kty, n } = key.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url');
}
