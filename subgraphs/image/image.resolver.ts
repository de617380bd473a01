import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { UserStub } from '#shared/context/user.stub.js';
import { recordedCallOf } from '#shared/history/graph/recorded-call.js';
import { RecordPageArgs } from '#shared/history/graph/record-filter.input.js';
import { recordPage } from '#shared/history/graph/record-page.js';
import { createRecordResolver, getRecord, recordKeys, URL_SEC } from '#shared/history/graph/record.resolver.js';
import { recordFields } from '#shared/history/graph/record.type.js';
import type { ImageContext } from './context.js';
import { GenerateImageInput } from './image.input.js';
import { ImageConnection, ImageKeys, ImageRecord } from './image.type.js';

@Resolver(() => ImageRecord)
export class ImageResolver extends createRecordResolver(ImageRecord) {
  @Query(() => ImageRecord, { description: 'A request for a picture by its id.' })
  async image(@Arg('id', () => ID) id: string, @Ctx() context: ImageContext): Promise<ImageRecord> {
    return recordFields(await getRecord(id, context, 'No such image.'));
  }

  @Mutation(() => ImageRecord, { description: 'Draws a picture and keeps it in your history.' })
  async generateImage(
    @Arg('input', () => GenerateImageInput) input: GenerateImageInput,
    @Ctx() context: ImageContext,
  ): Promise<ImageRecord> {
    return recordFields(await context.images.generate(input, recordedCallOf(input, context)));
  }

  @FieldResolver(() => ImageKeys)
  s3(@Root() record: ImageRecord): ImageKeys {
    const { image = null, preview = null } = record.artifacts;
    return { ...recordKeys(record), image, preview };
  }

  @FieldResolver(() => String, { nullable: true, description: 'Downloads the PNG; null when the request failed.' })
  async imageUrl(
    @Root() { id, artifacts }: ImageRecord,
    @Arg('expiresInSec', () => Int, URL_SEC) expiresInSec: number,
    @Ctx() { history }: ImageContext,
  ): Promise<string | null> {
    const { image } = artifacts;
    const terms = { expiresInSec, contentType: 'image/png', filename: `${id}.png` };
    return image === undefined ? null : history.signedUrl(image, terms);
  }

  @FieldResolver(() => String, { nullable: true, description: 'Downloads the preview; null when the request failed.' })
  async previewUrl(
    @Root() { id, artifacts }: ImageRecord,
    @Arg('expiresInSec', () => Int, URL_SEC) expiresInSec: number,
    @Ctx() { history }: ImageContext,
  ): Promise<string | null> {
    const { preview } = artifacts;
    const terms = { expiresInSec, contentType: 'image/jpeg', filename: `${id}-preview.jpg` };
    return preview === undefined ? null : history.signedUrl(preview, terms);
  }
}

@Resolver(() => UserStub)
export class UserImagesResolver {
  @FieldResolver(() => ImageConnection, { description: 'The requests for pictures, newest first.' })
  async images(
    @Root() user: UserStub,
    @Args(() => RecordPageArgs) page: RecordPageArgs,
    @Ctx() context: ImageContext,
  ): Promise<ImageConnection> {
    return recordPage(user.id, page, context);
  }
}
