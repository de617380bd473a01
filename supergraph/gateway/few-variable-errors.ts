import type { ApolloServerOptionsWithGateway, BaseContext } from '@apollo/server';
import { variableErrors } from './variable-errors.js';

type GatewayInterface = ApolloServerOptionsWithGateway<BaseContext>['gateway'];
type GatewayExecutor = NonNullable<Awaited<ReturnType<GatewayInterface['load']>>['executor']>;

/** Each is told with the whole value at first, so that all errors of a large input would take time by its square. */
const MAX_VARIABLE_ERRORS = 20;

/** The gateway, but with an end to how many faults of the variables it looks for. */
export function withFewVariableErrors(gateway: GatewayInterface): GatewayInterface {
  return {
    onSchemaLoadOrUpdate: (callback) => gateway.onSchemaLoadOrUpdate(callback),
    stop: () => gateway.stop(),
    async load(options) {
      const { executor } = await gateway.load(options);
      return { executor: executor && checkedFirst(executor) };
    },
  };
}

function checkedFirst(execute: GatewayExecutor): GatewayExecutor {
  return async (context) => {
    const { schema, operation, request } = context;
    const errors = variableErrors(schema, { operation, variables: request.variables ?? {} }, MAX_VARIABLE_ERRORS);
    return errors ? { errors } : execute(context);
  };
}
