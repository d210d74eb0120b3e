import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { createPrograms } from '../../src/http/live/programs.ts';
import { schema } from '../../src/schema/index.ts';

const operation = (query: string, variables: Record<string, unknown> = {}) => ({
  document: parse(query),
  query,
  operationName: null,
  variables,
});
const QUERY = 'subscription ($after: String, $m: Int) { bankTransactionEvents(after: $after) { cursor } }';
const programs = () =>
  createPrograms(schema, {
    mask: (error) => {
      throw error;
    },
    onExecute() {},
  });

test('who asks the same shares a program, wherever he resumes; who asks anything else does not', () => {
  const programOf = programs();
  const program = programOf(operation(QUERY, { after: 'here' }));
  expect(programOf(operation(QUERY, { after: 'there' }))).toBe(program);
  expect(programOf(operation(QUERY, { m: 1 }))).not.toBe(program);
  expect(programOf(operation(`${QUERY} `))).not.toBe(program);
});

test('a program that nobody holds is let go of, and what is asked again works', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const programOf = programs();
  const first = new WeakRef(programOf(operation(QUERY)));
  await expect
    .poll(() => {
      gc();
      return first.deref() === undefined;
    })
    .toBe(true);
  const again = programOf(operation(QUERY));
  expect(programOf(operation(QUERY))).toBe(again);
});
