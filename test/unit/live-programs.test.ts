import { setImmediate } from 'node:timers/promises';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { createPrograms } from '../../src/http/live/programs.ts';
import { schema } from '../../src/schema/index.ts';
import { collectGarbage } from '../support/garbage.ts';

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

test('a program that nobody holds is let go of, and takes nothing from who asks the same again', async () => {
  const programOf = programs();
  const first = new WeakRef(programOf(operation(QUERY)));
  await setImmediate();
  collectGarbage();
  expect(first.deref()).toBeUndefined();
  const again = programOf(operation(QUERY));
  // The registry is told of the first one in a turn of its own.
  for (let turn = 0; turn < 10; turn += 1) await setImmediate();
  expect(programOf(operation(QUERY))).toBe(again);
});
