import type { Plugin } from 'graphql-yoga';

type OnExecute = NonNullable<Plugin['onExecute']>;
type OnExecuteDone = NonNullable<Exclude<Awaited<ReturnType<OnExecute>>, void>['onExecuteDone']>;

/**
 * The same plugins, with one execution hook in the place of each one's own: Envelop makes a handful of objects for each
 * hook and each operation, a quarter of all that a small query allocates. The hooks run in the same order, and see what
 * those before them have set. None of them may wait, nor may its result be a stream.
 * @param given of different contexts, as Yoga takes them.
 */
export function inOneHook(given: readonly object[]): object[] {
  const plugins = given as readonly Plugin[];
  const hooks = plugins.flatMap(({ onExecute }) => onExecute ?? []);
  const onExecute: OnExecute = (payload) => {
    const done: OnExecuteDone[] = [];
    let isStopped = false;
    const own = {
      ...payload,
      setExecuteFn(executeFn: typeof payload.executeFn) {
        own.executeFn = executeFn;
        payload.setExecuteFn(executeFn);
      },
      setResultAndStopExecution(result: Parameters<typeof payload.setResultAndStopExecution>[0]) {
        isStopped = true;
        payload.setResultAndStopExecution(result);
      },
    };
    for (const hook of hooks) {
      const { onExecuteDone } = atOnce(hook(own)) ?? {};
      if (onExecuteDone) done.push(onExecuteDone);
      if (isStopped) break;
    }
    return {
      onExecuteDone({ args, result, setResult }) {
        const last = {
          args,
          result,
          setResult(next: typeof result) {
            last.result = next;
            setResult(next);
          },
        };
        for (const onExecuteDone of done) atOnce(onExecuteDone(last));
      },
    };
  };
  return [{ onExecute }, ...plugins.map((plugin) => ({ ...plugin, onExecute: undefined }))];
}

function atOnce<Result>(result: Result | Promise<Result>): Result {
  if (result instanceof Promise) throw new Error('a hook of an execution waits');
  return result;
}
