import fc from 'fast-check';
import {
  BONGLOY_SECRET,
  bongloyAuthorization,
  bongloyBody,
  cassoBody,
  cassoRow,
  SECURE_TOKEN,
} from '../news.ts';

export interface HostileDelivery {
  readonly provider: 'bongloy' | 'casso';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

const json = fc.jsonValue({ maxDepth: 4 });
const cut = (bodies: fc.Arbitrary<string>) =>
  fc
    .tuple(bodies, fc.nat(), fc.nat(30), fc.constantFrom('', '{', '"', '\u0000', 'null', '1e999', '[[[['))
    .map(
      ([body, at, length, piece]) =>
        body.slice(0, at % (body.length + 1)) + piece + body.slice((at % (body.length + 1)) + length),
    );

const cassoBodies = fc.oneof(
  cut(fc.nat().map((id) => cassoBody(cassoRow(id)))),
  fc
    .dictionary(fc.constantFrom('id', 'tid', 'amount', 'when', 'description', 'subAccId', '__proto__'), json)
    .map((row) => cassoBody(row)),
  json.map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '',
    '{}',
    '{"data":[{"id":0}]}',
    '['.repeat(20_000),
    `{"data":${'['.repeat(2_000)}${']'.repeat(2_000)}}`,
  ),
);
const bongloyBodies = fc.oneof(
  cut(fc.uuid().map((id) => bongloyBody(id))),
  json.map((value) => JSON.stringify({ data: value })),
  fc.constantFrom(
    '',
    'null',
    '{"data":{"type":"event","attributes":{"type":"transaction.x","details":null}}}',
    '{'.repeat(20_000),
  ),
);

const cassoCredentials = fc.constantFrom<Record<string, string>>(
  { 'secure-token': SECURE_TOKEN },
  { 'secure-token': SECURE_TOKEN },
  {},
  { 'secure-token': 'x' },
  { 'secure-token': '' },
  { 'x-casso-signature': 't=1,v1=' },
  { 'x-casso-signature': `t=${'9'.repeat(400)},v1=${'f'.repeat(128)}` },
  { 'x-casso-signature': ',,,=,' },
);
const bongloyCredentials = fc.constantFrom<() => Record<string, string>>(
  () => ({ authorization: bongloyAuthorization() }),
  () => ({ authorization: bongloyAuthorization() }),
  () => ({}),
  () => ({ authorization: 'Bearer x.y.z' }),
  () => ({ authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' }),
  () => ({ authorization: `Bearer ${BONGLOY_SECRET}` }),
  () => ({ authorization: `Bearer ${'a.'.repeat(3_000)}` }),
);
const types = fc.constantFrom<Record<string, string>>(
  { 'content-type': 'application/json' },
  { 'content-type': 'application/json' },
  { 'content-type': 'text/plain' },
  { 'content-encoding': 'gzip' },
);

export const hostileDelivery: fc.Arbitrary<HostileDelivery> = fc.oneof(
  fc
    .record({ credentials: cassoCredentials, type: types, body: cassoBodies })
    .map(({ credentials, type, body }) => ({
      provider: 'casso' as const,
      headers: { ...type, ...credentials },
      body,
    })),
  fc
    .record({ credentials: bongloyCredentials, type: types, body: bongloyBodies })
    .map(({ credentials, type, body }) => ({
      provider: 'bongloy' as const,
      headers: { ...type, ...credentials() },
      body,
    })),
);
