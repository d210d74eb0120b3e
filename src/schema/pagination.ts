import type { ArgBuilder } from '@pothos/core';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../domain/connection.ts';
import type { builder } from './builder.ts';

type Arguments = ArgBuilder<(typeof builder)['$inferSchemaTypes']>;

const sizes = `0 to ${MAX_PAGE_SIZE}, ${DEFAULT_PAGE_SIZE} when nothing is given`;

/** Lists that stand in an order of their own, and can only be walked from its beginning. */
export const orderedArguments = (arg: Arguments) => ({
  first: arg.int({ description: `How many rows: ${sizes}.` }),
  after: arg.string({ description: 'Only rows that follow this cursor.' }),
});

/** Lists that can only be walked from newest to oldest. */
export const forwardArguments = (arg: Arguments) => ({
  first: arg.int({ description: `How many rows, newest first: ${sizes}.` }),
  after: arg.string({ description: 'Only rows that follow this cursor (older ones).' }),
});

/** Lists that can be walked both ways. */
export const pagingArguments = (arg: Arguments) => ({
  ...forwardArguments(arg),
  last: arg.int({
    description: `How many rows counted from the end, still newest first: 0 to ${MAX_PAGE_SIZE}; needs \`before\`.`,
  }),
  before: arg.string({ description: 'Only rows that stand before this cursor (newer ones).' }),
});
