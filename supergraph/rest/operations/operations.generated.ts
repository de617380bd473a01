/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Bytes that a request brought and took. */
export type ByteSizeInput = {
  inputBytes?: number;
  outputBytes?: number;
};

export type ChatMessageInput = {
  /** 1 to 32000 characters. */
  content: string;
  role: ChatRole;
};

/** Who says a message. */
export type ChatRole =
  | 'assistant'
  | 'system'
  | 'user';

/** What a request cost. */
export type CostInput = {
  /** US dollars; null when nobody knows. */
  usd?: number | null | undefined;
};

export type CreateChatSessionInput = {
  /** The first message gives one otherwise; at most 120 characters. */
  title?: string | null | undefined;
};

/** The part of the platform that an event is about. */
export type EventService =
  | 'chat'
  | 'gateway'
  | 'image'
  | 'summarize';

export type GenerateImageInput = {
  /** Makes the request safe to repeat: the same key with the same input is answered once, and again with the same record. 1 to 255 visible ASCII characters. */
  idempotencyKey?: string | null | undefined;
  /** What the picture shows, 1 to 4000 characters. */
  prompt: string;
  /** Same prompt, size, style and seed give the same picture where the provider honours seeds. Random if absent. */
  seed?: number | null | undefined;
  /** `<width>x<height>`, each 64 to 2048 pixels. What a provider makes in another size is cut to it. */
  size?: string;
  /** One of `photoreal`, `cinematic`, `analog-film`, `digital-art`, `anime`, `comic-book`, `fantasy`, `line-art`, `pixel-art`, `low-poly`, `3d-model`, `isometric`, `origami`, `neon`, `watercolor`, `oil-painting`, `pencil-sketch`, `minimalist`, or words of your own; at most 64 characters. */
  style?: string | null | undefined;
};

export type LoginInput = {
  email: string;
  password: string;
};

export type RefreshSessionInput = {
  refreshToken: string;
};

export type RegisterInput = {
  /** Compared without regard to case and surrounding spaces. */
  email: string;
  /** 8 characters to 72 bytes. */
  password: string;
};

/** A request that the signed-in user reports about itself. */
export type ReportEventInput = {
  /** Accepted and not used: each report is a new event with an id of ours. */
  _id?: string | number | null | undefined;
  /** What was asked for, such as `generate`, `summarize` or `message`. */
  action: string;
  /** Only services report a cost: `usd` may be 0 or absent. */
  cost?: CostInput | null | undefined;
  latencyMs: number;
  /** At most 8 KiB as JSON, nested at most 8 deep. */
  meta?: Record<string, unknown> | null | undefined;
  model: string;
  provider: string;
  /** A UUID; the id of this very request by default. */
  requestId?: string | number | null | undefined;
  service: EventService;
  size?: ByteSizeInput;
  /** HTTP status of the request's outcome, 100 to 599. */
  status: number;
  tokens?: TokenCountInput;
  /** When the request was made; now by default. */
  ts?: string | null | undefined;
  /** The reporter's own id. */
  userId?: string | number | null | undefined;
  /** Accepted and not used: the reporter's email is stored. */
  username?: string | null | undefined;
};

/** What an account may do. */
export type Role =
  | 'admin'
  | 'user';

export type SendChatMessageInput = {
  /** Makes the request safe to repeat: the same key with the same input is answered once, and again with the same record. 1 to 255 visible ASCII characters. */
  idempotencyKey?: string | null | undefined;
  /** 1 to 50 messages: what is new, or the whole conversation; what the session has already is not added again. Where the platform keeps no texts, a session remembers none: send the whole conversation then. */
  messages: Array<ChatMessageInput>;
  /** A model of the provider's; its default one if absent. */
  model?: string | null | undefined;
  /** From `createChatSession`, or of your own choice: 1 to 64 letters, digits, `_` and `-`. */
  sessionId: string;
};

/** Exactly one of `text`, `url` and `s3Key` says what to summarize. */
export type SummarizeInput = {
  /** Makes the request safe to repeat: the same key with the same input is answered once, and again with the same record. 1 to 255 visible ASCII characters. */
  idempotencyKey?: string | null | undefined;
  length?: SummaryLength;
  /** A file of a summary that you asked for: the key of its `summary.txt`, `output.json` or `input.json`. Files of images and chats lie in other buckets. */
  s3Key?: string | null | undefined;
  /** `bullet` for a list of points; at most 64 characters. */
  style?: string | null | undefined;
  /** 1 to 200000 characters. */
  text?: string | null | undefined;
  /** A page on the public web: HTML, of which the main text is taken, plain text or a PDF. At most 2048 characters, http or https at port 80 or 443. What `meta.source` of the record says of it is all that is kept of the page. */
  url?: string | null | undefined;
};

/** How much a summary may say. */
export type SummaryLength =
  | 'long'
  | 'med'
  | 'short';

/** The step of a time series. */
export type TimeBucket =
  | 'day'
  | 'hour';

/** A span of time, both ends included. By default the 30 days up to now. */
export type TimeRangeInput = {
  /** 30 days before `to` by default. */
  from?: string | null | undefined;
  /** Now by default. */
  to?: string | null | undefined;
};

/** Tokens that a model read and wrote. */
export type TokenCountInput = {
  in?: number;
  out?: number;
};

export type ChatMessageQueryVariables = Exact<{
  id: string | number;
}>;


export type ChatMessageQuery = { chatRecord: { recordUrl: string, outputUrl: string | null, meta: Record<string, unknown>, id: string, sessionId: string, status: number, error: string | null, provider: string, model: string, latencyMs: number, s3: { record: string, input: string, output: string | null, message: string | null }, assistantMessage: { role: ChatRole, content: string } | null, tokens: { in: number, out: number }, cost: { usd: number | null } } };

export type ChatSessionQueryVariables = Exact<{
  sessionId: string;
}>;


export type ChatSessionQuery = { chatSession: { sessionId: string, title: string | null, turnCount: number, createdAt: string, updatedAt: string, s3: { state: string, messages: Array<string>, records: Array<string> } } };

export type ChatSessionsQueryVariables = Exact<{
  first?: number;
  after?: string | null | undefined;
}>;


export type ChatSessionsQuery = { chatSessions: { edges: Array<{ node: { sessionId: string, title: string | null, turnCount: number, createdAt: string, updatedAt: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type CreateChatSessionMutationVariables = Exact<{
  input?: CreateChatSessionInput | null | undefined;
}>;


export type CreateChatSessionMutation = { createChatSession: { sessionId: string } };

export type GenerateImageMutationVariables = Exact<{
  input: GenerateImageInput;
}>;


export type GenerateImageMutation = { generateImage: { id: string, meta: Record<string, unknown>, s3: { record: string, image: string | null, preview: string | null } } };

export type ImageQueryVariables = Exact<{
  id: string | number;
}>;


export type ImageQuery = { image: { id: string, status: number, imageUrl: string | null, previewUrl: string | null, meta: Record<string, unknown>, s3: { record: string, input: string, image: string | null, preview: string | null } } };

export type JoinChatMessageSubscriptionVariables = Exact<{
  id: string | number;
  after: number;
}>;


export type JoinChatMessageSubscription = { chatMessage: { id: string, seq: number, delta: string, message: { id: string, sessionId: string, status: number, error: string | null, provider: string, model: string, latencyMs: number, s3: { record: string, output: string | null }, assistantMessage: { role: ChatRole, content: string } | null, tokens: { in: number, out: number }, cost: { usd: number | null } } | null } };

export type LoginMutationVariables = Exact<{
  input: LoginInput;
}>;


export type LoginMutation = { login: { accessToken: string, refreshToken: string } };

export type LogoutMutationVariables = Exact<{ [key: string]: never; }>;


export type LogoutMutation = { logout: boolean };

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { me: { id: string, email: string, role: Role, createdAt: string } };

export type RefreshSessionMutationVariables = Exact<{
  input: RefreshSessionInput;
}>;


export type RefreshSessionMutation = { refreshSession: { accessToken: string, refreshToken: string } };

export type RegisterMutationVariables = Exact<{
  input: RegisterInput;
}>;


export type RegisterMutation = { register: { accessToken: string, refreshToken: string, user: { id: string, email: string, role: Role, createdAt: string } } };

export type ReportEventMutationVariables = Exact<{
  input: ReportEventInput;
}>;


export type ReportEventMutation = { reportEvent: { id: string, ts: string, requestId: string } };

export type SendChatMessageMutationVariables = Exact<{
  input: SendChatMessageInput;
}>;


export type SendChatMessageMutation = { sendChatMessage: { id: string, sessionId: string, assistantMessage: { role: ChatRole, content: string } | null, s3: { record: string, output: string | null } } };

export type StreamChatMessageSubscriptionVariables = Exact<{
  input: SendChatMessageInput;
}>;


export type StreamChatMessageSubscription = { chat: { id: string, seq: number, delta: string, message: { id: string, sessionId: string, status: number, error: string | null, provider: string, model: string, latencyMs: number, s3: { record: string, output: string | null }, assistantMessage: { role: ChatRole, content: string } | null, tokens: { in: number, out: number }, cost: { usd: number | null } } | null } };

export type ChatEventFragment = { id: string, seq: number, delta: string, message: { id: string, sessionId: string, status: number, error: string | null, provider: string, model: string, latencyMs: number, s3: { record: string, output: string | null }, assistantMessage: { role: ChatRole, content: string } | null, tokens: { in: number, out: number }, cost: { usd: number | null } } | null };

export type ChatTurnFragment = { id: string, sessionId: string, status: number, error: string | null, provider: string, model: string, latencyMs: number, assistantMessage: { role: ChatRole, content: string } | null, tokens: { in: number, out: number }, cost: { usd: number | null } };

export type SummarizeMutationVariables = Exact<{
  input: SummarizeInput;
}>;


export type SummarizeMutation = { summarize: { id: string, text: string | null, s3: { record: string, summary: string | null } } };

export type SummaryQueryVariables = Exact<{
  id: string | number;
}>;


export type SummaryQuery = { summary: { id: string, status: number, text: string | null, summaryUrl: string | null, meta: Record<string, unknown>, s3: { record: string, input: string, summary: string | null } } };

export type UsageCostsQueryVariables = Exact<{
  userId: string | number;
  range?: TimeRangeInput | null | undefined;
}>;


export type UsageCostsQuery = { usage: { from: string, to: string, costs: Array<{ service: string, provider: string, model: string, requests: number, usd: number, tokensIn: number, tokensOut: number }> } };

export type UsageOverviewQueryVariables = Exact<{
  userId: string | number;
  range?: TimeRangeInput | null | undefined;
}>;


export type UsageOverviewQuery = { usage: { from: string, to: string, overview: { totalRequests: number, distinctServices: number, errorRate: number, topServices: Array<{ service: string, count: number }>, topModels: Array<{ provider: string, model: string, count: number }>, latency: { p50Ms: number | null, p95Ms: number | null }, consumption: { tokensIn: number, tokensOut: number, inputBytes: number, outputBytes: number, usd: number } } } };

export type UsagePerformanceQueryVariables = Exact<{
  userId: string | number;
  range?: TimeRangeInput | null | undefined;
}>;


export type UsagePerformanceQuery = { usage: { from: string, to: string, performance: Array<{ service: string, requests: number, p50Ms: number, p95Ms: number, averageMs: number, errorRate: number }> } };

export type UsageTimeseriesQueryVariables = Exact<{
  userId: string | number;
  range?: TimeRangeInput | null | undefined;
  bucket?: TimeBucket;
  timezone?: string;
}>;


export type UsageTimeseriesQuery = { usage: { from: string, to: string, timeseries: Array<{ start: string, service: string, count: number }> } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const ChatTurnFragmentDoc = new TypedDocumentString(`
    fragment ChatTurn on ChatRecord {
  id
  sessionId
  status
  error
  assistantMessage {
    role
    content
  }
  provider
  model
  latencyMs
  tokens {
    in
    out
  }
  cost {
    usd
  }
}
    `, {"fragmentName":"ChatTurn"}) as unknown as TypedDocumentString<ChatTurnFragment, unknown>;
export const ChatEventFragmentDoc = new TypedDocumentString(`
    fragment ChatEvent on ChatStreamEvent {
  id
  seq
  delta
  message {
    ...ChatTurn
    s3 {
      record
      output
    }
  }
}
    fragment ChatTurn on ChatRecord {
  id
  sessionId
  status
  error
  assistantMessage {
    role
    content
  }
  provider
  model
  latencyMs
  tokens {
    in
    out
  }
  cost {
    usd
  }
}`, {"fragmentName":"ChatEvent"}) as unknown as TypedDocumentString<ChatEventFragment, unknown>;
export const ChatMessageDocument = new TypedDocumentString(`
    query ChatMessage($id: ID!) {
  chatRecord(id: $id) {
    ...ChatTurn
    s3 {
      record
      input
      output
      message
    }
    recordUrl
    outputUrl
    meta
  }
}
    fragment ChatTurn on ChatRecord {
  id
  sessionId
  status
  error
  assistantMessage {
    role
    content
  }
  provider
  model
  latencyMs
  tokens {
    in
    out
  }
  cost {
    usd
  }
}`) as unknown as TypedDocumentString<ChatMessageQuery, ChatMessageQueryVariables>;
export const ChatSessionDocument = new TypedDocumentString(`
    query ChatSession($sessionId: String!) {
  chatSession(sessionId: $sessionId) {
    sessionId
    title
    turnCount
    createdAt
    updatedAt
    s3 {
      state
      messages
      records
    }
  }
}
    `) as unknown as TypedDocumentString<ChatSessionQuery, ChatSessionQueryVariables>;
export const ChatSessionsDocument = new TypedDocumentString(`
    query ChatSessions($first: Int! = 20, $after: String) {
  chatSessions(first: $first, after: $after) {
    edges {
      node {
        sessionId
        title
        turnCount
        createdAt
        updatedAt
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<ChatSessionsQuery, ChatSessionsQueryVariables>;
export const CreateChatSessionDocument = new TypedDocumentString(`
    mutation CreateChatSession($input: CreateChatSessionInput) {
  createChatSession(input: $input) {
    sessionId
  }
}
    `) as unknown as TypedDocumentString<CreateChatSessionMutation, CreateChatSessionMutationVariables>;
export const GenerateImageDocument = new TypedDocumentString(`
    mutation GenerateImage($input: GenerateImageInput!) {
  generateImage(input: $input) {
    id
    s3 {
      record
      image
      preview
    }
    meta
  }
}
    `) as unknown as TypedDocumentString<GenerateImageMutation, GenerateImageMutationVariables>;
export const ImageDocument = new TypedDocumentString(`
    query Image($id: ID!) {
  image(id: $id) {
    id
    status
    s3 {
      record
      input
      image
      preview
    }
    imageUrl
    previewUrl
    meta
  }
}
    `) as unknown as TypedDocumentString<ImageQuery, ImageQueryVariables>;
export const JoinChatMessageDocument = new TypedDocumentString(`
    subscription JoinChatMessage($id: ID!, $after: Int!) {
  chatMessage(id: $id, after: $after) {
    ...ChatEvent
  }
}
    fragment ChatEvent on ChatStreamEvent {
  id
  seq
  delta
  message {
    ...ChatTurn
    s3 {
      record
      output
    }
  }
}
fragment ChatTurn on ChatRecord {
  id
  sessionId
  status
  error
  assistantMessage {
    role
    content
  }
  provider
  model
  latencyMs
  tokens {
    in
    out
  }
  cost {
    usd
  }
}`) as unknown as TypedDocumentString<JoinChatMessageSubscription, JoinChatMessageSubscriptionVariables>;
export const LoginDocument = new TypedDocumentString(`
    mutation Login($input: LoginInput!) {
  login(input: $input) {
    accessToken
    refreshToken
  }
}
    `) as unknown as TypedDocumentString<LoginMutation, LoginMutationVariables>;
export const LogoutDocument = new TypedDocumentString(`
    mutation Logout {
  logout
}
    `) as unknown as TypedDocumentString<LogoutMutation, LogoutMutationVariables>;
export const MeDocument = new TypedDocumentString(`
    query Me {
  me {
    id
    email
    role
    createdAt
  }
}
    `) as unknown as TypedDocumentString<MeQuery, MeQueryVariables>;
export const RefreshSessionDocument = new TypedDocumentString(`
    mutation RefreshSession($input: RefreshSessionInput!) {
  refreshSession(input: $input) {
    accessToken
    refreshToken
  }
}
    `) as unknown as TypedDocumentString<RefreshSessionMutation, RefreshSessionMutationVariables>;
export const RegisterDocument = new TypedDocumentString(`
    mutation Register($input: RegisterInput!) {
  register(input: $input) {
    user {
      id
      email
      role
      createdAt
    }
    accessToken
    refreshToken
  }
}
    `) as unknown as TypedDocumentString<RegisterMutation, RegisterMutationVariables>;
export const ReportEventDocument = new TypedDocumentString(`
    mutation ReportEvent($input: ReportEventInput!) {
  reportEvent(input: $input) {
    id
    ts
    requestId
  }
}
    `) as unknown as TypedDocumentString<ReportEventMutation, ReportEventMutationVariables>;
export const SendChatMessageDocument = new TypedDocumentString(`
    mutation SendChatMessage($input: SendChatMessageInput!) {
  sendChatMessage(input: $input) {
    id
    sessionId
    assistantMessage {
      role
      content
    }
    s3 {
      record
      output
    }
  }
}
    `) as unknown as TypedDocumentString<SendChatMessageMutation, SendChatMessageMutationVariables>;
export const StreamChatMessageDocument = new TypedDocumentString(`
    subscription StreamChatMessage($input: SendChatMessageInput!) {
  chat(input: $input) {
    ...ChatEvent
  }
}
    fragment ChatEvent on ChatStreamEvent {
  id
  seq
  delta
  message {
    ...ChatTurn
    s3 {
      record
      output
    }
  }
}
fragment ChatTurn on ChatRecord {
  id
  sessionId
  status
  error
  assistantMessage {
    role
    content
  }
  provider
  model
  latencyMs
  tokens {
    in
    out
  }
  cost {
    usd
  }
}`) as unknown as TypedDocumentString<StreamChatMessageSubscription, StreamChatMessageSubscriptionVariables>;
export const SummarizeDocument = new TypedDocumentString(`
    mutation Summarize($input: SummarizeInput!) {
  summarize(input: $input) {
    id
    s3 {
      record
      summary
    }
    text
  }
}
    `) as unknown as TypedDocumentString<SummarizeMutation, SummarizeMutationVariables>;
export const SummaryDocument = new TypedDocumentString(`
    query Summary($id: ID!) {
  summary(id: $id) {
    id
    status
    s3 {
      record
      input
      summary
    }
    text
    summaryUrl
    meta
  }
}
    `) as unknown as TypedDocumentString<SummaryQuery, SummaryQueryVariables>;
export const UsageCostsDocument = new TypedDocumentString(`
    query UsageCosts($userId: ID!, $range: TimeRangeInput) {
  usage(userId: $userId, range: $range) {
    from
    to
    costs {
      service
      provider
      model
      requests
      usd
      tokensIn
      tokensOut
    }
  }
}
    `) as unknown as TypedDocumentString<UsageCostsQuery, UsageCostsQueryVariables>;
export const UsageOverviewDocument = new TypedDocumentString(`
    query UsageOverview($userId: ID!, $range: TimeRangeInput) {
  usage(userId: $userId, range: $range) {
    from
    to
    overview {
      totalRequests
      distinctServices
      topServices {
        service
        count
      }
      topModels {
        provider
        model
        count
      }
      latency {
        p50Ms
        p95Ms
      }
      errorRate
      consumption {
        tokensIn
        tokensOut
        inputBytes
        outputBytes
        usd
      }
    }
  }
}
    `) as unknown as TypedDocumentString<UsageOverviewQuery, UsageOverviewQueryVariables>;
export const UsagePerformanceDocument = new TypedDocumentString(`
    query UsagePerformance($userId: ID!, $range: TimeRangeInput) {
  usage(userId: $userId, range: $range) {
    from
    to
    performance {
      service
      requests
      p50Ms
      p95Ms
      averageMs
      errorRate
    }
  }
}
    `) as unknown as TypedDocumentString<UsagePerformanceQuery, UsagePerformanceQueryVariables>;
export const UsageTimeseriesDocument = new TypedDocumentString(`
    query UsageTimeseries($userId: ID!, $range: TimeRangeInput, $bucket: TimeBucket! = day, $timezone: String! = "UTC") {
  usage(userId: $userId, range: $range) {
    from
    to
    timeseries(bucket: $bucket, timezone: $timezone) {
      start
      service
      count
    }
  }
}
    `) as unknown as TypedDocumentString<UsageTimeseriesQuery, UsageTimeseriesQueryVariables>;