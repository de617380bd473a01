import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { recordedCallOf } from '#shared/history/graph/recorded-call.js';
import { RecordPageArgs } from '#shared/history/graph/record-filter.input.js';
import { recordPage } from '#shared/history/graph/record-page.js';
import { UserStub } from '#shared/context/user.stub.js';
import { createRecordResolver, getRecord, recordKeys, URL_SEC } from '#shared/history/graph/record.resolver.js';
import { recordFields, knownText } from '#shared/history/graph/record.type.js';
import { SendChatMessageInput } from './chat.input.js';
import { ChatKeys, ChatMessage, ChatRecord, ChatRecordConnection } from './chat.type.js';
import type { ChatContext } from './context.js';

@Resolver(() => ChatRecord)
export class ChatResolver extends createRecordResolver(ChatRecord) {
  @Query(() => ChatRecord, { description: 'One turn of a chat by its id.' })
  async chatRecord(@Arg('id', () => ID) id: string, @Ctx() context: ChatContext): Promise<ChatRecord> {
    return recordFields(await getRecord(id, context, 'No such chat message.'));
  }

  @Mutation(() => ChatRecord, {
    description:
      'Sends a message and returns the turn with its answer. A session of your own naming begins with its first message.',
  })
  async sendChatMessage(
    @Arg('input', () => SendChatMessageInput) input: SendChatMessageInput,
    @Ctx() context: ChatContext,
  ): Promise<ChatRecord> {
    return recordFields(await context.messages.send(input, recordedCallOf(input, context)));
  }

  @FieldResolver(() => String)
  sessionId(@Root() { meta }: ChatRecord): string {
    return String((meta['params'] as Record<string, unknown>)['sessionId']);
  }

  @FieldResolver(() => ChatMessage, {
    nullable: true,
    description:
      'The answer; null when the request failed. Where the platform keeps no texts (`meta.promptStorage` is `hash`), it is told in the reply to the request and never again.',
  })
  async assistantMessage(@Root() record: ChatRecord, @Ctx() { answers }: ChatContext): Promise<ChatMessage | null> {
    const { artifacts } = record;
    const known = knownText(record, 'output');
    if (known !== undefined) return known === null ? null : (JSON.parse(known) as ChatMessage);
    return artifacts['output'] === undefined ? null : answers.load(artifacts['output']);
  }

  @FieldResolver(() => ChatKeys)
  s3(@Root() record: ChatRecord): ChatKeys {
    const { output = null, message = null } = record.artifacts;
    return { ...recordKeys(record), output, message };
  }

  @FieldResolver(() => String, { nullable: true, description: 'Downloads the answer; null when the request failed.' })
  async outputUrl(
    @Root() { id, artifacts }: ChatRecord,
    @Arg('expiresInSec', () => Int, URL_SEC) expiresInSec: number,
    @Ctx() { history }: ChatContext,
  ): Promise<string | null> {
    const { output } = artifacts;
    const terms = { expiresInSec, contentType: 'application/json', filename: `${id}-output.json` };
    return output === undefined ? null : history.signedUrl(output, terms);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Downloads the turn as its session has it; null when the request failed.',
  })
  async messageUrl(
    @Root() { id, artifacts }: ChatRecord,
    @Arg('expiresInSec', () => Int, URL_SEC) expiresInSec: number,
    @Ctx() { history }: ChatContext,
  ): Promise<string | null> {
    const { message } = artifacts;
    const terms = { expiresInSec, contentType: 'application/json', filename: `${id}-message.json` };
    return message === undefined ? null : history.signedUrl(message, terms);
  }
}

@Resolver(() => UserStub)
export class UserChatRecordsResolver {
  @FieldResolver(() => ChatRecordConnection, { description: 'The turns of all conversations, newest first.' })
  async chatRecords(
    @Root() user: UserStub,
    @Args(() => RecordPageArgs) page: RecordPageArgs,
    @Ctx() context: ChatContext,
  ): Promise<ChatRecordConnection> {
    return recordPage(user.id, page, context);
  }
}
