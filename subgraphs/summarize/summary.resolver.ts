import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { UserStub } from '#shared/context/user.stub.js';
import { recordedCallOf } from '#shared/history/graph/recorded-call.js';
import { RecordPageArgs } from '#shared/history/graph/record-filter.input.js';
import { recordPage } from '#shared/history/graph/record-page.js';
import { createRecordResolver, getRecord, recordKeys, URL_SEC } from '#shared/history/graph/record.resolver.js';
import { recordFields, knownText } from '#shared/history/graph/record.type.js';
import type { SummarizeContext } from './context.js';
import { SummarizeInput } from './summary.input.js';
import { SummaryConnection, SummaryKeys, SummaryRecord } from './summary.type.js';

@Resolver(() => SummaryRecord)
export class SummaryResolver extends createRecordResolver(SummaryRecord) {
  @Query(() => SummaryRecord, { description: 'A request for a summary by its id.' })
  async summary(@Arg('id', () => ID) id: string, @Ctx() context: SummarizeContext): Promise<SummaryRecord> {
    return recordFields(await getRecord(id, context, 'No such summary.'));
  }

  @Mutation(() => SummaryRecord, { description: 'Summarizes a text and keeps both in your history.' })
  async summarize(
    @Arg('input', () => SummarizeInput) input: SummarizeInput,
    @Ctx() context: SummarizeContext,
  ): Promise<SummaryRecord> {
    return recordFields(await context.summaries.summarize(input, recordedCallOf(input, context)));
  }

  @FieldResolver(() => SummaryKeys)
  s3(@Root() record: SummaryRecord): SummaryKeys {
    const { summary = null } = record.artifacts;
    return { ...recordKeys(record), summary };
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'The summary; null when the request failed. Where the platform keeps no texts (`meta.promptStorage` is `hash`), it is told in the reply to the request and never again.',
  })
  async text(@Root() record: SummaryRecord, @Ctx() { texts }: SummarizeContext): Promise<string | null> {
    const { artifacts } = record;
    const known = knownText(record, 'summary');
    if (known !== undefined) return known;
    return artifacts['summary'] === undefined ? null : texts.load(artifacts['summary']);
  }

  @FieldResolver(() => String, { nullable: true, description: 'Downloads the summary; null when the request failed.' })
  async summaryUrl(
    @Root() { id, artifacts }: SummaryRecord,
    @Arg('expiresInSec', () => Int, URL_SEC) expiresInSec: number,
    @Ctx() { history }: SummarizeContext,
  ): Promise<string | null> {
    const { summary } = artifacts;
    const terms = { expiresInSec, contentType: 'text/plain; charset=utf-8', filename: `${id}-summary.txt` };
    return summary === undefined ? null : history.signedUrl(summary, terms);
  }
}

@Resolver(() => UserStub)
export class UserSummariesResolver {
  @FieldResolver(() => SummaryConnection, { description: 'The requests for summaries, newest first.' })
  async summaries(
    @Root() user: UserStub,
    @Args(() => RecordPageArgs) page: RecordPageArgs,
    @Ctx() context: SummarizeContext,
  ): Promise<SummaryConnection> {
    return recordPage(user.id, page, context);
  }
}
