import { validate } from 'class-validator';
import { getNamedType } from 'graphql';
import { getMetadataStorage, type ResolverData } from 'type-graphql';
import { badInputs } from '#shared/errors/app-error.js';
import { validationIssues } from '#shared/errors/validation-issues.js';

/** For TypeGraphQL: checks what a resolver is given, by the rules of its class. Throws BAD_USER_INPUT with all broken ones. */
export async function validateArgument(value: unknown, type: unknown, { info }: ResolverData): Promise<void> {
  if (typeof value !== 'object' || value === null) return;
  const place = placeOf(type, info);
  if (!Array.isArray(value)) return assertValid(value, place);
  await Promise.all(value.map((item, at) => assertValid(item, `${place}[${at}]`)));
}

/**
 * Checks an input of a subscription, whose arguments TypeGraphQL checks only when there is an event already. Takes instances of
 * input classes, nested ones too; throws what a mutation with the same input would.
 */
export async function assertValidInput(input: object): Promise<void> {
  await assertValid(input, 'input');
}

async function assertValid(value: unknown, place: string): Promise<void> {
  if (typeof value !== 'object' || value === null) return;
  const failures = await validate(value, {
    forbidUnknownValues: false,
    stopAtFirstError: true,
    skipMissingProperties: true,
  });
  if (failures.length > 0) throw badInputs(validationIssues(failures, place));
}

/** The argument that has the type; nothing where the type is the arguments themselves. */
function placeOf(type: unknown, { parentType, fieldName }: ResolverData['info']): string {
  const { argumentTypes, inputTypes } = getMetadataStorage();
  if (argumentTypes.some(({ target }) => target === type)) return '';
  const name = inputTypes.find(({ target }) => target === type)?.name;
  const named = parentType.getFields()[fieldName]?.args.find((argument) => getNamedType(argument.type).name === name);
  return named?.name ?? 'input';
}
