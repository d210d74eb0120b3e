import { expect, test } from 'vitest';
import { isUuid } from '../../src/domain/uuid.ts';

test.each([
  '1ac8d3c9-cb7c-419d-a84d-d006ff618edd',
  '1AC8D3C9-CB7C-419D-A84D-D006FF618EDD',
  '00000000-0000-0000-0000-000000000000',
])('%s is a UUID', (text) => {
  expect(isUuid(text)).toBe(true);
});

test.each([
  '',
  '..',
  '1ac8d3c9cb7c419da84dd006ff618edd',
  '1ac8d3c9-cb7c-419d-a84d-d006ff618ed',
  '1ac8d3c9-cb7c-419d-a84d-d006ff618edd\n',
  ' 1ac8d3c9-cb7c-419d-a84d-d006ff618edd',
  '1ac8d3c9-cb7c-419d-a84d-d006ff618edg',
  '{1ac8d3c9-cb7c-419d-a84d-d006ff618edd}',
])('%j is none', (text) => {
  expect(isUuid(text)).toBe(false);
});
