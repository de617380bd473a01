import { Max, MaxLength, Min } from 'class-validator';
import { ArgsType, Field, Int } from 'type-graphql';

const LARGEST_PAGE = 100;
const LONGEST_CURSOR = 200;

/** A page of a list, forwards (Relay cursor connections). */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: 20, description: 'How many, 1 to 100.' })
  @Min(1)
  @Max(LARGEST_PAGE)
  first!: number;

  @Field(() => String, { nullable: true, description: 'The cursor after which the page begins.' })
  @MaxLength(LONGEST_CURSOR)
  after?: string | null;
}
