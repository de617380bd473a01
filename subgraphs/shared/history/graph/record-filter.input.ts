import { IsOptional, Max, Min, ValidateNested } from 'class-validator';
import { ArgsType, Field, GraphQLISODateTime, InputType, Int } from 'type-graphql';
import { PageArgs } from './page.args.js';

@InputType({ description: 'Which requests a list is to have: those for which everything that is given holds.' })
export class RecordFilterInput {
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Made then or later.' })
  @IsOptional()
  from?: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Made then or earlier.' })
  @IsOptional()
  to?: Date | null;

  @Field(() => Int, { nullable: true, description: 'With this HTTP status, 100 to 599.' })
  @IsOptional()
  @Min(100)
  @Max(599)
  status?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'True for those that failed (400 and above), false for the others.',
  })
  @IsOptional()
  failed?: boolean | null;
}

/** A page of a user's requests. Pages of one filter fit together; a cursor is good under any filter. */
@ArgsType()
export class RecordPageArgs extends PageArgs {
  @Field(() => RecordFilterInput, { nullable: true })
  @IsOptional()
  @ValidateNested()
  filter?: RecordFilterInput | null;
}
