import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { authClient, outcomeOf, sessionIdOf, type AuthClient } from '../support/auth-client.js';
import { SUBGRAPH_NAMES } from '../../infra/subgraph-names.js';
import { startEdgeSystem, type EdgeSystem } from '../support/edge-system.js';
import { eventually } from '../support/eventually.js';
import { sendGraphql } from '../support/graphql-client.js';
import { restClient } from '../support/rest-client.js';

let system: EdgeSystem;
let client: AuthClient;
beforeAll(async () => {
  system = await startEdgeSystem({ REVOCATION_LAG: '1s', REVOCATION_GRACE: '10s' });
  client = authClient(system.url);
});
afterAll(() => system?.stop());

/** What each door says to a token: the public one, then each subgraph's own. */
async function outcomes(token: string, doors: readonly string[] = SUBGRAPH_NAMES): Promise<string[]> {
  const urls = [system.url, ...doors.map((name) => system.urlOf(name))];
  const replies = urls.map(async (url) => outcomeOf(await sendGraphql(url, { query: '{ __typename }', token })));
  return Promise.all(replies);
}

const all = (outcome: string, doors: readonly string[] = SUBGRAPH_NAMES): string[] =>
  Array<string>(doors.length + 1).fill(outcome);

async function expectDeadEverywhere(token: string): Promise<void> {
  await eventually('the token is refused at every door', async () =>
    (await outcomes(token)).every((outcome) => outcome === 'UNAUTHENTICATED'),
  );
  // And stays so: a later reading does not forget it.
  expect(await outcomes(token)).toEqual(all('UNAUTHENTICATED'));
}

describe('an access token ends at every door', () => {
  it('after logout', async () => {
    const ana = await client.register();
    expect(await outcomes(ana.accessToken)).toEqual(all('ok'));
    expect((await restClient(system.url)('POST /auth/logout', { token: ana.accessToken })).status).toBe(204);
    await expectDeadEverywhere(ana.accessToken);
  });

  it('after its session was revoked from another, which goes on', async () => {
    const ana = await client.register();
    const phone = await client.signIn(ana);
    expect(outcomeOf(await client.revoke(sessionIdOf(phone.accessToken), ana.accessToken))).toBe('ok');
    await expectDeadEverywhere(phone.accessToken);
    expect(await outcomes(ana.accessToken)).toEqual(all('ok'));
  });

  it('after signing out everywhere, for all sessions of the user and nobody else’s', async () => {
    const [ana, bob] = [await client.register(), await client.register()];
    const [phone, laptop] = [await client.signIn(ana), await client.signIn(ana)];
    expect((await client.signOutEverywhere(phone.accessToken)).data).toEqual({ signOutEverywhere: 3 });
    for (const { accessToken } of [ana, phone, laptop]) await expectDeadEverywhere(accessToken);
    expect(await outcomes(bob.accessToken)).toEqual(all('ok'));
    const again = await client.signIn(ana);
    expect(await outcomes(again.accessToken)).toEqual(all('ok'));
  });

  it('after a used refresh token came back', async () => {
    const ana = await client.register();
    const next = await client.rotate(ana.refreshToken);
    expect(outcomeOf(await client.refresh(ana.refreshToken))).toBe('UNAUTHENTICATED');
    for (const { accessToken } of [ana, next]) await expectDeadEverywhere(accessToken);
  });
});

describe('the list of what is revoked', () => {
  const QUERY = '{ revocations { asOf revocations { subject issuedUntilSec expiresAtMs } } }';

  it('names nobody, and is not in the public API', async () => {
    const ana = await client.register();
    await client.logout(ana.accessToken);
    const { text, errors } = await sendGraphql(system.urlOf('auth'), { query: QUERY });
    expect(errors).toEqual([]);
    for (const secret of [ana.id, ana.email, sessionIdOf(ana.accessToken)]) expect(text).not.toContain(secret);
    const atTheDoor = await sendGraphql(system.url, { query: QUERY });
    expect(outcomeOf(atTheDoor)).toBe('GRAPHQL_VALIDATION_FAILED');
  });
});

/** Kills the auth service for good: last in this file. */
describe('with the auth service dead', () => {
  const others = SUBGRAPH_NAMES.filter((name) => name !== 'auth');

  it('the others go on by what they know, for as long as the grace; then they say that they cannot tell', async () => {
    const [ana, bob] = [await client.register(), await client.register()];
    await client.logout(bob.accessToken);
    await expectDeadEverywhere(bob.accessToken);
    await system.platform.services.get('auth')?.kill();

    expect(await outcomes(ana.accessToken, others)).toEqual(all('ok', others));
    expect(await outcomes(bob.accessToken, others)).toEqual(all('UNAUTHENTICATED', others));
    await eventually('the grace is over everywhere', async () =>
      (await outcomes(ana.accessToken, others)).every((outcome) => outcome === 'SERVICE_UNAVAILABLE'),
    );
    expect((await outcomes(bob.accessToken, others)).filter((outcome) => outcome === 'ok')).toEqual([]);
    const rest = await restClient(system.url)('GET /chat/session', { token: ana.accessToken });
    expect(rest).toMatchObject({ status: 503, body: { code: 'SERVICE_UNAVAILABLE' } });
    expect(rest.text).not.toMatch(/127\.0\.0\.1|ECONN/);
    // Who shows no token is still answered.
    expect(outcomeOf(await sendGraphql(system.url, { query: '{ __typename }' }))).toBe('ok');
  });
});
