import { Field, GraphQLISODateTime, ID, Int, ObjectType } from 'type-graphql';
import { PageInfo } from '#shared/history/graph/page-info.type.js';
import { ChatMessage } from './chat.type.js';

@ObjectType({ description: 'A conversation. Only its owner and admins see it.' })
export class ChatSession {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: 'What to send messages to: the id, or the name that the client chose.' })
  sessionId!: string;

  @Field(() => String, { nullable: true, description: 'Given at its creation, or the start of the first message.' })
  title!: string | null;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  @Field(() => GraphQLISODateTime, { description: 'When the last turn ended.' })
  updatedAt!: Date;

  @Field(() => Int, { description: 'How many messages were answered.' })
  turnCount!: number;

  @Field(() => [ChatMessage], {
    description: 'The latest messages, at most 40, oldest first. None where the platform keeps no texts.',
  })
  messages!: ChatMessage[];

  /** The user it belongs to; not a field of the graph, `owner` is. */
  userId!: string;
}

@ObjectType({ description: 'Where the files of a session lie in the bucket, oldest first.' })
export class ChatSessionKeys {
  @Field(() => String)
  state!: string;

  @Field(() => [String])
  messages!: string[];

  @Field(() => [String])
  records!: string[];
}

@ObjectType()
export class ChatSessionEdge {
  @Field(() => ChatSession)
  node!: ChatSession;

  @Field(() => String)
  cursor!: string;
}

@ObjectType({ description: 'Conversations, newest first.' })
export class ChatSessionConnection {
  @Field(() => [ChatSessionEdge])
  edges!: ChatSessionEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}
