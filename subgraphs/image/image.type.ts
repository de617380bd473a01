import { Directive, Field, ObjectType } from 'type-graphql';
import { PageInfo } from '#shared/history/graph/page-info.type.js';
import { RecordFields } from '#shared/history/graph/record.type.js';

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A request for a picture, and what came of it. Only its owner and admins see it.' })
export class ImageRecord extends RecordFields {}

@ObjectType({ description: 'Where the files of a request lie in the bucket.' })
export class ImageKeys {
  @Field(() => String)
  record!: string;

  @Field(() => String)
  input!: string;

  @Field(() => String, { nullable: true, description: 'The picture as PNG; null when the request failed.' })
  image!: string | null;

  @Field(() => String, { nullable: true, description: 'A smaller JPEG of it; null when the request failed.' })
  preview!: string | null;
}

@ObjectType()
export class ImageEdge {
  @Field(() => ImageRecord)
  node!: ImageRecord;

  @Field(() => String)
  cursor!: string;
}

@ObjectType({ description: 'Requests for pictures, newest first.' })
export class ImageConnection {
  @Field(() => [ImageEdge])
  edges!: ImageEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}
