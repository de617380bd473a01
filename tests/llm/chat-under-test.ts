import { graphqlData } from '../support/graphql-client.js';
import { CHAT } from '../support/definitions.js';
import { startLlm, type Account, type LlmUnderTest } from '../support/llm-subgraph.js';
import { startProviderDouble, type ProviderDouble } from '../support/provider-double.js';
import { RECORD_FIELDS, type RecordReply } from '../support/record-expectation.js';

export interface Message {
  readonly role: string;
  readonly content: string;
}

export interface TurnReply extends RecordReply {
  readonly sessionId: string;
  readonly model: string;
  readonly assistantMessage: Message | null;
  readonly outputUrl: string;
}

export interface SessionReply {
  readonly id: string;
  readonly sessionId: string;
  readonly title: string | null;
  readonly turnCount: number;
  readonly messages: readonly Message[];
  readonly s3: { readonly state: string; readonly messages: readonly string[]; readonly records: readonly string[] };
  readonly owner: { readonly id: string };
}

export interface SessionPage {
  readonly edges: readonly { readonly node: SessionReply }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

const TURN = `${RECORD_FIELDS} sessionId assistantMessage { role content } outputUrl s3 { record input output message }`;
const SESSION =
  'id sessionId title turnCount messages { role content } s3 { state messages records } owner { id } createdAt updatedAt';

export const SEND = `mutation ($input: SendChatMessageInput!) { sendChatMessage(input: $input) { ${TURN} } }`;
export const CREATE = `mutation ($input: CreateChatSessionInput) { createChatSession(input: $input) { ${SESSION} } }`;
export const FIND = `query ($id: String!) { chatSession(sessionId: $id) { ${SESSION} } }`;
export const LIST = `query ($first: Int!, $after: String) {
  chatSessions(first: $first, after: $after) { edges { node { ${SESSION} } } pageInfo { hasNextPage endCursor } }
}`;

export const user = (content: string): Message => ({ role: 'user', content });
export const assistant = (content: string): Message => ({ role: 'assistant', content });

export interface ChatUnderTest {
  readonly llm: LlmUnderTest;
  readonly double: ProviderDouble;
  send(by: Account, sessionId: string, messages: readonly Message[], more?: object): Promise<TurnReply>;
  create(by: Account, input?: object): Promise<SessionReply>;
  find(by: Account, sessionId: string): Promise<SessionReply>;
  list(by: Account, page: { first: number; after: string | null }): Promise<SessionPage>;
  /** What the model was shown last, without our own instructions. */
  shown(): readonly Message[];
  stop(): Promise<void>;
}

/** The chat subgraph, with a server in the place of the model. */
export async function startChat(): Promise<ChatUnderTest> {
  const double = await startProviderDouble();
  const llm = await startLlm(CHAT, {
    LLM_PROVIDER: 'openai-compatible',
    LLM_BASE_URL: double.baseUrl,
    LLM_MODEL: 'some-model',
    LLM_MAX_RETRIES: '0',
  });
  const run = <Data>({ token }: Account, query: string, variables: Record<string, unknown>): Promise<Data> =>
    graphqlData<Data>(llm.url, { query, variables, token });
  return {
    llm,
    double,
    async send(by, sessionId, messages, more = {}) {
      const input = { sessionId, messages, ...more };
      return (await run<{ sendChatMessage: TurnReply }>(by, SEND, { input })).sendChatMessage;
    },
    async create(by, input) {
      return (await run<{ createChatSession: SessionReply }>(by, CREATE, { input })).createChatSession;
    },
    async find(by, id) {
      return (await run<{ chatSession: SessionReply }>(by, FIND, { id })).chatSession;
    },
    async list(by, page) {
      return (await run<{ chatSessions: SessionPage }>(by, LIST, page)).chatSessions;
    },
    shown: () => double.calls.at(-1)?.body.messages?.filter(({ role }) => role !== 'system') ?? [],
    async stop() {
      await llm.stop();
      double.close();
    },
  };
}
