import type { GraphQLSchema } from 'graphql';
import { createNameOperation, type Operation } from './operation.ts';
import { createSharedTexts, Program, type ProgramOptions } from './program.ts';

/** The program of an operation: the same one for all who ask the same at the same time. */
export type ProgramOf = (operation: Operation) => Program;

/** Programs last as long as their subscribers hold them: whatever anybody asked once would pile up otherwise. */
export function createPrograms(
  schema: GraphQLSchema,
  options: Pick<ProgramOptions, 'mask' | 'onExecute'>,
): ProgramOf {
  const programs = new Map<string, WeakRef<Program>>();
  const gone = new FinalizationRegistry<string>((name) => {
    // Another may have taken the name since.
    if (!programs.get(name)?.deref()) programs.delete(name);
  });
  const nameOperation = createNameOperation(schema);
  const texts = createSharedTexts();
  return (operation) => {
    const name = nameOperation(operation);
    const known = programs.get(name)?.deref();
    if (known) return known;
    const program = new Program(operation, { schema, texts, ...options });
    programs.set(name, new WeakRef(program));
    gone.register(program, name);
    return program;
  };
}
