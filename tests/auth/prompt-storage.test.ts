import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { authClient, outcomeOf, type AuthClient } from '../support/auth-client.js';
import { startAuth, type AuthUnderTest } from '../support/auth-subgraph.js';
import { sendGraphql, type GraphqlReply } from '../support/graphql-client.js';

let auth: AuthUnderTest;
let client: AuthClient;
beforeAll(async () => {
  auth = await startAuth();
  client = authClient(auth.url);
});
afterAll(() => auth?.stop());

const UPDATE = `mutation ($wish: PromptStorage!) { updatePromptStorage(promptStorage: $wish) { id promptStorage } }`;

function update(wish: string, token?: string): Promise<GraphqlReply> {
  return sendGraphql(auth.url, { query: UPDATE, variables: { wish }, token });
}

function claimOf(accessToken: string): unknown {
  const [, payload = ''] = accessToken.split('.');
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>)['prompt_storage'];
}

async function isTaken(token: string): Promise<boolean> {
  return outcomeOf(await client.me(token)) === 'ok';
}

describe('Mutation.updatePromptStorage', () => {
  it('begins with plain, and keeps the wish of its user alone', async () => {
    const [ana, bob] = [await client.register(), await client.register()];
    expect([claimOf(ana.accessToken), claimOf(bob.accessToken)]).toEqual(['plain', 'plain']);
    expect((await update('hash', ana.accessToken)).data).toEqual({
      updatePromptStorage: { id: ana.id, promptStorage: 'hash' },
    });
    const next = [
      await client.rotate(ana.refreshToken),
      await client.signIn(ana),
      await client.rotate(bob.refreshToken),
    ];
    expect(next.map(({ accessToken }) => claimOf(accessToken))).toEqual(['hash', 'hash', 'plain']);
  });

  it('ends the tokens from before a stricter wish, on all devices; those that follow at once hold', async () => {
    const ana = await client.register();
    const phone = await client.signIn(ana);
    await update('hash', ana.accessToken);
    const [next, nextOfPhone] = [await client.rotate(ana.refreshToken), await client.rotate(phone.refreshToken)];
    await auth.learnRevocations();
    expect(await Promise.all([ana, phone, next, nextOfPhone].map(({ accessToken }) => isTaken(accessToken)))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it('ends no token when the wish is loosened or was the same', async () => {
    const ana = await client.register();
    await update('hash', ana.accessToken);
    const strict = await client.rotate(ana.refreshToken);
    await update('hash', strict.accessToken);
    await update('plain', strict.accessToken);
    const loose = await client.rotate(strict.refreshToken);
    await auth.learnRevocations();
    expect([await isTaken(strict.accessToken), await isTaken(loose.accessToken)]).toEqual([true, true]);
    expect(claimOf(loose.accessToken)).toBe('plain');
  });

  it('ends the tokens from between two changes, however fast they follow each other', async () => {
    const ana = await client.register();
    await update('hash', ana.accessToken);
    await update('plain', ana.accessToken);
    const between = await client.rotate(ana.refreshToken);
    await update('hash', ana.accessToken);
    const last = await client.rotate(between.refreshToken);
    await auth.learnRevocations();
    expect([claimOf(between.accessToken), claimOf(last.accessToken)]).toEqual(['plain', 'hash']);
    expect([await isTaken(between.accessToken), await isTaken(last.accessToken)]).toEqual([false, true]);
  });

  it('refuses who is not signed in, and what is no such wish', async () => {
    const { accessToken } = await client.register();
    expect(outcomeOf(await update('hash'))).toBe('UNAUTHENTICATED');
    expect(outcomeOf(await update('none', accessToken))).toBe('BAD_USER_INPUT');
    const { data } = await sendGraphql(auth.url, { query: '{ me { promptStorage } }', token: accessToken });
    expect(data).toEqual({ me: { promptStorage: 'plain' } });
  });
});
