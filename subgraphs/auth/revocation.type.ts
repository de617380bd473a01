import { Directive, Field, Float, GraphQLISODateTime, ObjectType } from 'type-graphql';

@Directive('@inaccessible')
@ObjectType({ description: 'Access tokens that no longer hold. Whose they are is told by hash alone.' })
export class Revocation {
  @Field(() => String)
  subject!: string;

  @Field(() => Float, { nullable: true, description: 'Tokens issued until this second are meant; null for all.' })
  issuedUntilSec!: number | null;

  @Field(() => Float, { description: 'Milliseconds since the epoch from when no token that is meant can be alive.' })
  expiresAtMs!: number;
}

@Directive('@inaccessible')
@ObjectType()
export class RevocationPage {
  @Field(() => GraphQLISODateTime, { description: 'Pass it as `since` to get what came after.' })
  asOf!: Date;

  @Field(() => [Revocation])
  revocations!: Revocation[];
}
