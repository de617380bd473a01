import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { graphqlData, sendGraphql } from '../support/graphql-client.js';
import { SUMMARIZE } from '../support/definitions.js';
import { startLlm, type Account, type LlmUnderTest } from '../support/llm-subgraph.js';
import { baseOf, expectRecorded, RECORD_FIELDS, type RecordReply } from '../support/record-expectation.js';

interface SummaryReply extends RecordReply {
  readonly text: string;
  readonly summaryUrl: string;
}

const FIELDS = `${RECORD_FIELDS} text summaryUrl s3 { record input summary }`;
const SUMMARIZE_TEXT = `mutation ($input: SummarizeInput!) { summarize(input: $input) { ${FIELDS} } }`;

const STORY = [
  'The lighthouse keeper lights the lamp of the lighthouse every evening.',
  'Ships far out at sea steer by the lamp of the lighthouse.',
  'He also grows tomatoes.',
  'When the lamp of the lighthouse goes out, ships at sea are in danger.',
  'Bread is baked on Sundays.',
  'So the keeper never sleeps before the lamp of the lighthouse burns.',
].join(' ');

let llm: LlmUnderTest;
let ana: Account;

beforeAll(async () => {
  llm = await startLlm(SUMMARIZE);
  ana = llm.newAccount();
});
afterAll(() => llm?.stop());

async function summarize(input: Record<string, unknown>, { token } = ana): Promise<SummaryReply> {
  const sent = { query: SUMMARIZE_TEXT, variables: { input }, token };
  return (await graphqlData<{ summarize: SummaryReply }>(llm.url, sent)).summarize;
}

const faultOf = async (input: Record<string, unknown>) => {
  const { errors } = await sendGraphql(llm.url, { query: SUMMARIZE_TEXT, variables: { input }, token: ana.token });
  return errors[0];
};

describe('Mutation.summarize', () => {
  it('keeps the text, the summary and the record, just as it replies', async () => {
    const input = { text: STORY, length: 'short', style: 'bullet' };
    const reply = await summarize(input);
    expect(reply).toMatchObject({ status: 200, error: null, prompt: STORY, provider: 'local', cost: { usd: 0 } });
    const record = await expectRecorded(llm, reply, { account: ana, input });
    const base = baseOf(reply);
    expect(reply.s3).toEqual({
      record: `${base}record.json`,
      input: `${base}input.json`,
      summary: `${base}summary.txt`,
    });
    expect(record).toMatchObject({
      service: 'summarize',
      model: 'lexrank-extractive',
      artifacts: { summary: `${base}summary.txt` },
      meta: { params: { length: 'short', style: 'bullet' }, action: 'summarize', tokensEstimated: true },
    });
    const summary = await llm.bytes(`${base}summary.txt`);
    expect(summary.toString('utf8')).toBe(reply.text);
    expect(reply.size.outputBytes).toBe(summary.length);
    expect(await llm.json(`${base}output.json`)).toEqual({ text: reply.text, finishReason: 'stop' });
    const download = await request(reply.summaryUrl);
    expect(download.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(download.headers['content-disposition']).toMatch(/^attachment; filename="[\w-]+-summary\.txt"$/);
    expect(await download.body.text()).toBe(reply.text);
  });

  it('takes whole sentences of the text, one a line for style bullet, more of them for a greater length', async () => {
    const [short, long] = await Promise.all(
      ['short', 'long'].map(async (length) => {
        const { text } = await summarize({
          text: `${STORY} ${STORY.replaceAll('lamp', 'light')}`,
          length,
          style: 'bullet',
        });
        return text.split('\n');
      }),
    );
    for (const line of [...short!, ...long!]) expect(line).toMatch(/^- [A-Z].*\.$/);
    for (const line of short!) expect(`${STORY} ${STORY.replaceAll('lamp', 'light')}`).toContain(line.slice(2));
    expect(short!.length).toBe(3);
    expect(long!.length).toBeGreaterThan(short!.length);
  });

  it('is of medium length where none is given', async () => {
    const reply = await summarize({ text: STORY });
    await expectRecorded(llm, reply, { account: ana, input: { text: STORY, length: 'med' } });
  });

  it('answers a request, which it cannot fulfil, by what it is', async () => {
    const { text } = await summarize({ text: 'Explica fiebre amarilla en 5 bullets', length: 'short' });
    expect(text).toContain('«Explica fiebre amarilla en 5 bullets» es una petición');
    expect(text).toContain('sin conexión');
  });

  it('reports one event with the figures of the record', async () => {
    const { event, requestId, size } = await summarize({ text: STORY });
    const reported = await llm.eventOf(event.id);
    expect(reported).toMatchObject({ userId: ana.id, username: ana.email, service: 'summarize', action: 'summarize' });
    expect(reported).toMatchObject({
      requestId,
      status: 200,
      size,
      cost: { usd: 0 },
      meta: { params: { length: 'med' } },
    });
  });

  it.each([
    ['nothing', {}],
    ['null', { text: null }],
    ['a text and a url', { text: 'x', url: 'https://example.com/' }],
    ['a text and an s3Key', { text: 'x', s3Key: 'a' }],
    ['all three', { text: 'x', url: 'https://example.com/', s3Key: 'a' }],
  ])('refuses %s to summarize', async (_case, input) => {
    const fault = await faultOf({ ...input, length: 'short' });
    expect(fault?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ rule: 'exactlyOne' }] });
  });

  it.each([
    ['text', 'matches', { text: '' }],
    ['text', 'matches', { text: ' \n' }],
    ['text', 'maxLength', { text: 'x'.repeat(200_001) }],
    ['url', 'matches', { url: 'ftp://example.com/' }],
    ['url', 'matches', { url: 'page' }],
    ['url', 'matches', { url: 'https://example.com/a page' }],
    ['url', 'maxLength', { url: `https://example.com/${'x'.repeat(2_048)}` }],
    ['s3Key', 'minLength', { s3Key: '' }],
    ['length', 'enum', { text: 'x', length: 'huge' }],
    ['style', 'maxLength', { text: 'x', style: 'x'.repeat(65) }],
    ['tone', 'unknownField', { text: 'x', tone: 'y' }],
  ])('refuses a wrong %s by the rule %s (case %#)', async (field, rule, input) => {
    const fault = await faultOf(input);
    expect(fault?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: `input.${field}`, rule }] });
  });

  it('takes the longest text it allows', async () => {
    const { text } = await summarize({ text: `${STORY} `.repeat(500).slice(0, 200_000), length: 'short' });
    expect(text.length).toBeGreaterThan(20);
    expect(text.length).toBeLessThan(STORY.length);
  });
});
