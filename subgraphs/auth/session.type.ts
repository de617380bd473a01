import { Field, ObjectType } from 'type-graphql';
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
