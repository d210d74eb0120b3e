import type { ExecutionArgs, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Refuses an operation before anything of it runs, over whichever transport it came. @param refusalOf null lets it run. */
export function refuseBeforeRun(
  refusalOf: (args: ExecutionArgs) => GraphQLError | null,
): Pick<Plugin, 'onExecute' | 'onSubscribe'> {
  const refuse = ({ args, setResultAndStopExecution }: Starting) => {
    const refusal = refusalOf(args);
    if (refusal) setResultAndStopExecution({ errors: [refusal] });
  };
  return { onExecute: refuse, onSubscribe: refuse };
}

/** What both hooks are given. */
interface Starting {
  readonly args: ExecutionArgs;
  readonly setResultAndStopExecution: (result: { errors: GraphQLError[] }) => void;
}
