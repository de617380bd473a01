import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { outboxKey, newIdentity } from '#shared/history/keys.js';
import { startLlm, type Account, type LlmUnderTest } from '../support/llm-subgraph.js';
import { expectRecorded } from '../support/record-expectation.js';
import { graphqlData, sendGraphql } from '../support/graphql-client.js';
import { SUMMARIZE_QUERY, summarizeWith, type SummaryReply } from './summarize-under-test.js';

const STORY = [
  'The lighthouse keeper lights the lamp of the lighthouse every evening.',
  'Ships far out at sea steer by the lamp of the lighthouse.',
  'He also grows tomatoes.',
  'When the lamp of the lighthouse goes out, ships at sea are in danger.',
].join(' ');

let llm: LlmUnderTest;
let hashing: LlmUnderTest;
let ana: Account;
let bob: Account;
let admin: Account;
let first: SummaryReply;
let base: string;

beforeAll(async () => {
  [llm, hashing] = await Promise.all([
    startLlm(summarizeWith({})),
    startLlm(summarizeWith({ storage: 'hash' }), { PROMPT_STORAGE: 'hash' }),
  ]);
  [ana, bob, admin] = [llm.newAccount(), llm.newAccount(), llm.newAccount('admin')];
  first = await summarize({ text: STORY, length: 'long' });
  base = String(first.s3['record']).replace('record.json', '');
  await llm.eventOf(first.event.id);
});
afterAll(() => Promise.all([llm?.stop(), hashing?.stop()]));

async function summarize(input: Record<string, unknown>, { token } = ana, at = llm): Promise<SummaryReply> {
  const sent = { query: SUMMARIZE_QUERY, variables: { input }, token };
  return (await graphqlData<{ summarize: SummaryReply }>(at.url, sent)).summarize;
}

const refusalOf = async (s3Key: string, { token } = ana, at = llm) => {
  const sent = { query: SUMMARIZE_QUERY, variables: { input: { s3Key, length: 'short' } }, token };
  const { errors, text } = await sendGraphql(at.url, sent);
  return { errors, text };
};

describe('Mutation.summarize of an s3Key', () => {
  it.each(['summary.txt', 'output.json', 'input.json'])('summarizes the text in one’s own %s', async (file) => {
    const s3Key = `${base}${file}`;
    const { length } = await llm.bytes(s3Key);
    const text = file === 'input.json' ? STORY : first.text;
    const reply = await summarize({ s3Key, length: 'short' });
    expect(text).toContain(reply.text.split(/(?<=\.) /)[0]);
    const record = await expectRecorded(llm, reply, { account: ana, input: { s3Key, length: 'short' } });
    expect(record).toMatchObject({
      prompt: s3Key,
      meta: { source: { s3Key, bytes: length, characters: text.length, textHash: expect.stringMatching(/^sha256:/) } },
    });
  });

  it('answers for another’s file, for a file that is not there and for what is no file with the same bytes', async () => {
    const { id } = first;
    const day = base.slice('requests/'.length, -id.length - 2);
    const unknown = newIdentity(new Date());
    const mine = `${base}summary.txt`;
    const keys = [
      `${unknown.base}summary.txt`,
      `${base}record.json`,
      `${base}nothing.txt`,
      `${base}image/original.png`,
      base,
      `/${mine}`,
      `./${mine}`,
      `${mine}/`,
      `${mine}?versionId=1`,
      `${mine}#x`,
      `${mine}\n`,
      ` ${mine}`,
      `${mine}\u0000`,
      mine.toUpperCase(),
      encodeURIComponent(mine),
      mine.replaceAll('/', '%2f'),
      mine.replaceAll('/', '\\'),
      mine.replace('/summary', '//summary'),
      mine.replace('/summary', '/./summary'),
      mine.replace('/summary', '/x/../summary'),
      `requests/2020/01/01/${id}/summary.txt`,
      `requests/${day}/${id.toUpperCase()}/summary.txt`,
      `requests/${day}/../../${day}/${id}/summary.txt`,
      `requests/${day}/${'0'.repeat(36)}/summary.txt`,
      `s3://llmhist-test/${mine}`,
      `http://127.0.0.1/llmhist-test/${mine}`,
      `llmhist-chat-dev/${mine}`,
      outboxKey(id),
      `users/${ana.id}/summarize/history/${day}.jsonl`,
      'sessions/demo/state.json',
      '../../etc/passwd',
      '/etc/passwd',
      '*',
      'x'.repeat(1_024),
    ];
    const [unknownToAna, ...others] = await Promise.all(keys.map((key) => refusalOf(key)));
    expect(unknownToAna?.errors[0]).toMatchObject({
      message: 'No such file in your history of summaries.',
      extensions: { code: 'NOT_FOUND', retryable: false },
    });
    for (const { text } of others) expect(text).toBe(unknownToAna?.text);
    for (const account of [bob, admin]) {
      for (const file of ['summary.txt', 'output.json', 'input.json']) {
        expect((await refusalOf(`${base}${file}`, account)).text).toBe(unknownToAna?.text);
      }
    }
  });

  it('records nothing of a refused key', async () => {
    const before = await llm.keys('requests/');
    await refusalOf(`${base}summary.txt`, bob);
    expect(await llm.keys('requests/')).toEqual(before);
  });

  it('says that there is no text in the input of a summary of a file', async () => {
    const { s3 } = await summarize({ s3Key: `${base}summary.txt`, length: 'short' });
    const { errors } = await refusalOf(String(s3['input']));
    expect(errors[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      issues: [{ path: 'input.s3Key', rule: 'hasText' }],
    });
  });

  it('does not summarize hashes where no words are kept', async () => {
    const eve = hashing.newAccount();
    const { s3 } = await summarize({ text: STORY, length: 'short' }, eve, hashing);
    for (const key of [s3['summary'], s3['input']]) {
      const { errors } = await refusalOf(String(key), eve, hashing);
      expect(errors[0]?.extensions).toMatchObject({ issues: [{ path: 'input.s3Key', rule: 'hasText' }] });
    }
  });
});
