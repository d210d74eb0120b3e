import { describe, expect, test } from 'vitest';
import { type ConnectionArguments, connection, pageRequest } from '../../src/domain/connection.ts';

describe('paging arguments', () => {
  test('default to the first 10 rows', () => {
    expect(pageRequest({})).toEqual({ first: 10, after: null, before: null });
    expect(pageRequest({ first: null, after: null, last: null, before: null })).toEqual(pageRequest({}));
    expect(pageRequest({ after: 'A', before: 'B' })).toEqual({ first: 10, after: 'A', before: 'B' });
  });

  test('may ask for 0 to 100 rows from either side', () => {
    for (const size of [0, 1, 100]) {
      expect(pageRequest({ first: size })).toMatchObject({ first: size });
      expect(pageRequest({ last: size, before: 'B' })).toEqual({ last: size, before: 'B', after: null });
    }
  });

  const bad: readonly (readonly [string, ConnectionArguments])[] = [
    ['first', { first: 101 }],
    ['first', { first: -1 }],
    ['last', { last: 101, before: 'B' }],
    ['last', { last: -1, before: 'B' }],
    ['last', { last: 5 }],
    ['last', { last: 5, after: 'A' }],
    ['last', { first: 5, last: 5, before: 'B' }],
  ];

  test.each(bad)('name %s when it is at fault: %j', (field, args) => {
    expect(() => pageRequest(args)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field } }),
    );
  });
});

describe('a connection', () => {
  const more = { hasNextPage: true, hasPreviousPage: false };
  const edges = ['a', 'b', 'c'].map((node) => ({ cursor: `cursor of ${node}`, node }));

  test('begins and ends with the cursors of its edges', () => {
    expect(connection(edges, more).pageInfo).toEqual({
      ...more,
      startCursor: 'cursor of a',
      endCursor: 'cursor of c',
    });
  });

  test('without edges has no cursors', () => {
    expect(connection([], more).pageInfo).toEqual({ ...more, startCursor: null, endCursor: null });
  });

  test('may end at a place that no edge has', () => {
    expect(connection([], more, { endCursor: 'further on' }).pageInfo).toMatchObject({
      startCursor: null,
      endCursor: 'further on',
    });
    expect(connection(edges, more, { endCursor: 'further on' }).pageInfo).toMatchObject({
      startCursor: 'cursor of a',
      endCursor: 'further on',
    });
    expect(connection(edges, more, { startCursor: 'further up' }).pageInfo).toMatchObject({
      startCursor: 'further up',
      endCursor: 'cursor of c',
    });
  });
});
