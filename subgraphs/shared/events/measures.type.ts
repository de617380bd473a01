import { GraphQLSafeInt } from 'graphql-scalars';
import { Directive, Field, Float, ObjectType } from 'type-graphql';

@Directive('@shareable')
@ObjectType({ description: 'Tokens that a model read and wrote.' })
export class TokenCount {
  @Field(() => GraphQLSafeInt)
  in!: number;

  @Field(() => GraphQLSafeInt)
  out!: number;
}

@Directive('@shareable')
@ObjectType({ description: 'Bytes that a request brought and took.' })
export class ByteSize {
  @Field(() => GraphQLSafeInt)
  inputBytes!: number;

  @Field(() => GraphQLSafeInt)
  outputBytes!: number;
}

@Directive('@shareable')
@ObjectType()
export class Cost {
  @Field(() => Float, { nullable: true, description: 'US dollars; null when nobody knows.' })
  usd!: number | null;
}
