import { Field, GraphQLISODateTime, ID, ObjectType } from 'type-graphql';
import { User } from './user.type.js';

@ObjectType({ description: 'A signed-in session as its client holds it.' })
export class SessionTokens {
  @Field(() => String, { description: 'JWT (RS256) for the Authorization header.' })
  accessToken!: string;

  @Field(() => String, { description: 'Opaque, single use: `refreshSession` returns the next one.' })
  refreshToken!: string;
}

@ObjectType()
export class RegisterPayload extends SessionTokens {
  @Field(() => User)
  user!: User;
}

@ObjectType({ description: 'Where an account is signed in.' })
export class Session {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true, description: 'What the client called itself when it was last used.' })
  userAgent!: string | null;

  @Field(() => String, { nullable: true, description: 'The address it was last used from.' })
  ip!: string | null;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  @Field(() => GraphQLISODateTime)
  lastUsedAt!: Date;

  @Field(() => GraphQLISODateTime, { description: 'It ends then, unless it is used before.' })
  expiresAt!: Date;

  @Field(() => Boolean, { description: 'Whether it is the session that asks.' })
  current!: boolean;
}
