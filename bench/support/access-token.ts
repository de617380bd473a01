import { createAccessTokenSigner } from '#shared/context/token-signer.js';
import { createKeyPair } from '../../infra/init/key-pair.js';
import { VIEWER_ID } from './made-up-value.js';

const RULES = { issuer: 'llm-supergraph', audience: 'llm-supergraph' };
const SESSION_ID = '0198c0de-0000-7000-8000-000000000002';
const LIFETIME_MS = 3_600_000;

/** A token of the one user that there is, and the key that checks it. */
export async function createAccessToken(): Promise<{ token: string; publicKey: string }> {
  const { privateKey, publicKey } = await createKeyPair();
  const sign = createAccessTokenSigner(privateKey, RULES, LIFETIME_MS);
  return {
    token: sign({
      id: VIEWER_ID,
      email: 'ana@example.com',
      role: 'user',
      sessionId: SESSION_ID,
      promptStorage: 'plain',
    }),
    publicKey,
  };
}
