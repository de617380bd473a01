import { basename, dirname } from 'node:path';
import { Arg, Args, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { userCallOf } from '#shared/context/user-call.js';
import { UserStub } from '#shared/context/user.stub.js';
import { requireOwner, requireUser } from '#shared/context/viewer.js';
import { AppError } from '#shared/errors/app-error.js';
import { connectionOf } from '#shared/history/graph/connection.js';
import { PageArgs } from '#shared/history/graph/page.args.js';
import { URL_SEC } from '#shared/history/graph/record.resolver.js';
import { CreateChatSessionInput } from './chat.input.js';
import type { ChatContext } from './context.js';
import { stateKey } from './session-store.js';
import { NO_SUCH_SESSION, type Session } from './session.service.js';
import { ChatSession, ChatSessionConnection, ChatSessionKeys } from './session.type.js';

@Resolver(() => ChatSession)
export class ChatSessionResolver {
  @Query(() => ChatSession, { description: 'A conversation by its id, or by the name that you chose for it.' })
  async chatSession(
    @Arg('sessionId', () => String) sessionId: string,
    @Ctx() context: ChatContext,
  ): Promise<ChatSession> {
    const session = await context.sessions.find(requireUser(context).id, sessionId);
    if (!session) throw new AppError('NOT_FOUND', NO_SUCH_SESSION);
    requireOwner(context, session.userId, NO_SUCH_SESSION);
    return sessionFields(session);
  }

  @Query(() => ChatSessionConnection, { description: 'Your own conversations, newest first.' })
  async chatSessions(
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: ChatContext,
  ): Promise<ChatSessionConnection> {
    return sessionPage(requireUser(context).id, page, context);
  }

  @Mutation(() => ChatSession, { description: 'Begins a conversation, which gets an id of ours.' })
  async createChatSession(
    @Arg('input', () => CreateChatSessionInput, { nullable: true }) input: CreateChatSessionInput | null,
    @Ctx() context: ChatContext,
  ): Promise<ChatSession> {
    return sessionFields(await context.sessions.create(userCallOf(context), input?.title?.trim() ?? null));
  }

  @FieldResolver(() => ChatSessionKeys)
  async s3(@Root() { id }: ChatSession, @Ctx() { sessions }: ChatContext): Promise<ChatSessionKeys> {
    return sessions.keys(id);
  }

  @FieldResolver(() => String, { description: 'Downloads state.json.' })
  async stateUrl(
    @Root() { id }: ChatSession,
    @Arg('expiresInSec', () => Int, URL_SEC) expiresInSec: number,
    @Ctx() { history }: ChatContext,
  ): Promise<string> {
    const terms = { expiresInSec, contentType: 'application/json', filename: `${id}-state.json` };
    return history.signedUrl(stateKey(id), terms);
  }

  @FieldResolver(() => [String], {
    description: 'Download the files of the turns, oldest first, as `s3.messages` has them.',
  })
  async messageUrls(
    @Root() { id }: ChatSession,
    @Arg('expiresInSec', () => Int, URL_SEC) expiresInSec: number,
    @Ctx() { history, sessions }: ChatContext,
  ): Promise<string[]> {
    const { messages } = await sessions.keys(id);
    const terms = (key: string) => ({ expiresInSec, contentType: 'application/json', filename: basename(key) });
    return Promise.all(messages.map((key) => history.signedUrl(key, terms(key))));
  }

  @FieldResolver(() => [String], {
    description: 'Download the records of the turns, oldest first, as `s3.records` has them.',
  })
  async recordUrls(
    @Root() { id }: ChatSession,
    @Arg('expiresInSec', () => Int, URL_SEC) expiresInSec: number,
    @Ctx() { history, sessions }: ChatContext,
  ): Promise<string[]> {
    const { records } = await sessions.keys(id);
    const terms = { expiresInSec, contentType: 'application/json' };
    return Promise.all(
      records.map((key) => history.signedUrl(key, { ...terms, filename: `${basename(dirname(key))}-record.json` })),
    );
  }

  @FieldResolver(() => UserStub)
  owner(@Root() { userId }: ChatSession): UserStub {
    return { id: userId };
  }
}

@Resolver(() => UserStub)
export class UserChatSessionsResolver {
  @FieldResolver(() => ChatSessionConnection, { description: 'The conversations, newest first.' })
  async chatSessions(
    @Root() user: UserStub,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: ChatContext,
  ): Promise<ChatSessionConnection> {
    requireOwner(context, user.id, 'No such user.');
    return sessionPage(user.id, page, context);
  }
}

async function sessionPage(userId: string, page: PageArgs, context: ChatContext): Promise<ChatSessionConnection> {
  const { sessions, hasNextPage } = await context.sessions.list(userId, page);
  return connectionOf(sessions.map(sessionFields), hasNextPage, ({ id }) => id);
}

function sessionFields({ storageId: id, createdAt, updatedAt, messages, ...same }: Session): ChatSession {
  const { sessionId, userId, title, turnCount } = same;
  const times = { createdAt: new Date(createdAt), updatedAt: new Date(updatedAt) };
  return { id, sessionId, userId, title, turnCount, ...times, messages: [...messages] };
}
