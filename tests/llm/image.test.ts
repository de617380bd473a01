import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import sharp from 'sharp';
import { request } from 'undici';
import { eventually } from '../support/eventually.js';
import { graphqlData, sendGraphql } from '../support/graphql-client.js';
import { IMAGE } from '../support/definitions.js';
import { startLlm, type Account, type LlmUnderTest } from '../support/llm-subgraph.js';
import { baseOf, expectRecorded, RECORD_FIELDS, type RecordReply } from '../support/record-expectation.js';

// Pictures take their time on a busy machine.
jest.setTimeout(30_000);

interface ImageReply extends RecordReply {
  readonly imageUrl: string;
  readonly previewUrl: string;
  readonly recordUrl: string;
}

const FIELDS = `${RECORD_FIELDS} s3 { record input image preview } recordUrl imageUrl previewUrl(expiresInSec: 600)`;
const GENERATE = `mutation ($input: GenerateImageInput!) { generateImage(input: $input) { ${FIELDS} } }`;

let llm: LlmUnderTest;
let ana: Account;

beforeAll(async () => {
  llm = await startLlm(IMAGE);
  ana = llm.newAccount();
});
afterAll(() => llm?.stop());

async function generate(input: Record<string, unknown>, { token } = ana): Promise<ImageReply> {
  const data = await graphqlData<{ generateImage: ImageReply }>(llm.url, {
    query: GENERATE,
    variables: { input },
    token,
  });
  return data.generateImage;
}

describe('Mutation.generateImage', () => {
  it('keeps what was asked, the picture, its preview and the record, just as it replies', async () => {
    const input = { prompt: 'un faro en la niebla', size: '320x200', seed: 7, style: 'watercolor' };
    const reply = await generate(input);
    expect(reply).toMatchObject({ status: 200, error: null, prompt: input.prompt });
    const record = await expectRecorded(llm, reply, { account: ana, input });
    const base = baseOf(reply);
    expect(reply.s3).toEqual({
      record: `${base}record.json`,
      input: `${base}input.json`,
      image: `${base}image/original.png`,
      preview: `${base}image/preview.jpg`,
    });
    expect(record).toMatchObject({
      service: 'image',
      artifacts: { image: reply.s3['image'], preview: reply.s3['preview'] },
      meta: { params: { size: '320x200', seed: 7, style: 'watercolor' }, action: 'generate' },
    });
    const [png, jpeg] = await Promise.all([
      llm.bytes(`${base}image/original.png`),
      llm.bytes(`${base}image/preview.jpg`),
    ]);
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 320, height: 200 });
    expect(await sharp(jpeg).metadata()).toMatchObject({ format: 'jpeg' });
    expect(reply.size.outputBytes).toBe(png.length + jpeg.length);
    for (const [url, bytes, type] of [
      [reply.imageUrl, png, 'image/png'],
      [reply.previewUrl, jpeg, 'image/jpeg'],
      [reply.recordUrl, await llm.bytes(`${base}record.json`), 'application/json'],
    ] as const) {
      const download = await request(url);
      expect(download.headers['content-type']).toBe(type);
      expect(download.headers['content-disposition']).toMatch(/^attachment; filename="[\w.-]+"$/);
      expect(Buffer.from(await download.body.arrayBuffer()).equals(bytes)).toBe(true);
    }
  });

  it('chooses a seed where none is given, and records it', async () => {
    const reply = await generate({ prompt: 'una alpaca', size: '64x64' });
    const { seed } = reply.meta.params;
    expect(Number.isInteger(seed)).toBe(true);
    await expectRecorded(llm, reply, { account: ana, input: { prompt: 'una alpaca', size: '64x64', seed } });
  });

  it('reports one event with the figures of the record', async () => {
    const reply = await generate({ prompt: 'un puente', size: '64x64', seed: 1 });
    const event = await llm.eventOf(reply.event.id);
    expect(event).toMatchObject({ userId: ana.id, service: 'image', action: 'generate', requestId: reply.requestId });
  });

  const long = 'x'.repeat(4_001);
  it.each([
    ['prompt', { prompt: '' }],
    ['prompt', { prompt: ' \n ' }],
    ['prompt', { prompt: long }],
    ['prompt', {}],
    ['size', { prompt: 'x', size: '63x64' }],
    ['size', { prompt: 'x', size: '64x2049' }],
    ['size', { prompt: 'x', size: '9999x9999' }],
    ['size', { prompt: 'x', size: ' 64x64' }],
    ['seed', { prompt: 'x', seed: -1 }],
    ['seed', { prompt: 'x', seed: 1.5 }],
    ['style', { prompt: 'x', style: 'x'.repeat(65) }],
  ])('refuses a wrong %s by its name (case %#)', async (field, input) => {
    const { errors } = await sendGraphql(llm.url, { query: GENERATE, variables: { input }, token: ana.token });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(errors[0]?.extensions.issues?.[0]?.path).toBe(`input.${field}`);
  });
});

describe('User.images', () => {
  const PAGE = `query ($users: [_Any!]!, $first: Int!, $after: String) {
    _entities(representations: $users) {
      ... on User { images(first: $first, after: $after) { edges { cursor node { id } } pageInfo { hasNextPage endCursor } } }
    }
  }`;
  interface Page {
    readonly _entities: [{ images: { edges: { node: { id: string } }[]; pageInfo: { endCursor: string } } }];
  }

  const pageOf = ({ _entities: [{ images }] }: Page) => images;
  const idsOf = (page: Page): string[] => pageOf(page).edges.map(({ node }) => node.id);

  it('pages through own pictures, newest first, for their owner and admins only', async () => {
    const bob = llm.newAccount();
    const made: string[] = [];
    for (const seed of [1, 2, 3]) {
      made.unshift((await generate({ prompt: 'pez', size: '64x64', seed }, bob)).id);
    }
    const users = [{ __typename: 'User', id: bob.id }];
    const page = (token: string, first: number, after: string | null = null) =>
      graphqlData<Page>(llm.url, { query: PAGE, variables: { users, first, after }, token });
    // Requests are listed after their replies, and their events may go out before that.
    await eventually('all are listed', async () => idsOf(await page(bob.token, 3)).length === 3);
    const first = await page(bob.token, 2);
    const rest = await page(llm.newAccount('admin').token, 2, pageOf(first).pageInfo.endCursor);
    expect([...idsOf(first), ...idsOf(rest)]).toEqual(made);
    const { errors } = await sendGraphql(llm.url, { query: PAGE, variables: { users, first: 2 }, token: ana.token });
    expect(errors[0]).toMatchObject({ message: 'No such user.', extensions: { code: 'NOT_FOUND' } });
  });
});
