import { Directive, Field, ObjectType } from 'type-graphql';
import { PageInfo } from '#shared/history/graph/page-info.type.js';
import { RecordFields } from '#shared/history/graph/record.type.js';

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A request for a summary, and what came of it. Only its owner and admins see it.' })
export class SummaryRecord extends RecordFields {}

@ObjectType({ description: 'Where the files of a request lie in the bucket.' })
export class SummaryKeys {
  @Field(() => String)
  record!: string;

  @Field(() => String)
  input!: string;

  @Field(() => String, { nullable: true, description: 'The summary as text; null when the request failed.' })
  summary!: string | null;
}

@ObjectType()
export class SummaryEdge {
  @Field(() => SummaryRecord)
  node!: SummaryRecord;

  @Field(() => String)
  cursor!: string;
}

@ObjectType({ description: 'Requests for summaries, newest first.' })
export class SummaryConnection {
  @Field(() => [SummaryEdge])
  edges!: SummaryEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}
