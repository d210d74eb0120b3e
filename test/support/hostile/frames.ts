import fc from 'fast-check';
import { goodDocument, hostileDocument } from './documents.ts';

const TYPES = [
  'subscribe',
  'complete',
  'ping',
  'pong',
  'next',
  'error',
  'connection_init',
  'connection_ack',
  'start',
  '__proto__',
  '',
] as const;
const json = fc.jsonValue({ maxDepth: 2 });

/** Messages of the protocol that are odd, and text that is no message. */
const message = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .record({
        id: fc.constantFrom('1', '2', '3'),
        type: fc.constant('subscribe'),
        payload: fc.record({
          query: fc.oneof(goodDocument, hostileDocument),
          variables: fc.option(fc.dictionary(fc.constantFrom('n', 'a', 'i', 'ids'), json)),
        }),
      })
      .map((value) => JSON.stringify(value)),
  },
  {
    weight: 3,
    arbitrary: fc
      .record(
        {
          id: fc.oneof(fc.constantFrom('1', '2'), json),
          type: fc.oneof(fc.constantFrom(...TYPES), json),
          payload: json,
        },
        { requiredKeys: [] },
      )
      .map((value) => JSON.stringify(value)),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 100 }) },
);

function frame(opcode: number, payload: Uint8Array, { fin = true, mask = true, rsv = 0 } = {}): Buffer {
  const head = Buffer.alloc(2);
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const size = payload.length;
  const length = size < 126 ? Buffer.alloc(0) : Buffer.from([size >> 8, size & 255]);
  head[1] = (mask ? 0x80 : 0) | (size < 126 ? size : 126);
  return Buffer.concat([head, length, mask ? Buffer.alloc(4) : Buffer.alloc(0), payload]);
}

const text = message.map((each) => frame(1, Buffer.from(each).subarray(0, 60_000)));
const broken = fc
  .tuple(fc.nat(15), fc.uint8Array({ maxLength: 200 }), fc.boolean(), fc.boolean(), fc.nat(7))
  .map(([opcode, payload, fin, mask, rsv]) => frame(opcode, payload, { fin, mask, rsv }));
const noise = fc.uint8Array({ minLength: 1, maxLength: 100 }).map((bytes) => Buffer.from(bytes));
/** A length of eight bytes that promises more than there is. */
const promise = fc.constant(Buffer.from([0x81, 0xff, 0, 0, 0x7f, 255, 255, 255, 255, 255, 0, 0, 0, 0]));

/** The bytes of frames that one connection sends: mostly messages, now and then something that is none. */
export const hostileFrames = fc.array(
  fc.oneof(
    { weight: 30, arbitrary: text },
    { weight: 1, arbitrary: broken },
    { weight: 1, arbitrary: noise },
    { weight: 1, arbitrary: promise },
  ),
  { minLength: 5, maxLength: 15 },
);
