import fc from 'fast-check';
import { decodeProtectedHeader } from 'jose';
import { expect, test } from 'vitest';
import { createSealer } from '../../src/sessions/sealing.ts';
import { randomKey } from './session-support.ts';

const damaged = expect.objectContaining({ name: 'SealError', kind: 'damaged' });
const unknownKey = expect.objectContaining({ name: 'SealError', kind: 'unknown-key' });

test('whatever JSON holds comes back as it was sealed', async () => {
  const sealer = createSealer([randomKey()]);
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.jsonValue(), async (binding, value) => {
      const plain = JSON.parse(JSON.stringify(value));
      expect(await sealer.open(binding, await sealer.seal(binding, value))).toEqual(plain);
    }),
    { numRuns: 50 },
  );
});

test('the sealed text is a compact JWE under dir and A256GCM, and shows nothing of the value', async () => {
  const sealed = await createSealer([randomKey()]).seal('session:1', { token: 'very-secret' });
  expect(decodeProtectedHeader(sealed)).toMatchObject({ alg: 'dir', enc: 'A256GCM' });
  expect(sealed.split('.')).toHaveLength(5);
  for (const part of sealed.split('.')) {
    expect(Buffer.from(part, 'base64url').toString('latin1')).not.toContain('very-secret');
  }
});

test('a sealed value that is moved to another place does not open there', async () => {
  const sealer = createSealer([randomKey()]);
  const sealed = await sealer.seal('session:1', 'value');
  await expect(sealer.open('session:2', sealed)).rejects.toEqual(damaged);
});

test('a header that claims another place breaks the seal', async () => {
  const sealer = createSealer([randomKey()]);
  const [header = '', ...rest] = (await sealer.seal('session:1', 'value')).split('.');
  const text = Buffer.from(header, 'base64url').toString().replace('session:1', 'session:2');
  const forged = [Buffer.from(text).toString('base64url'), ...rest].join('.');
  await expect(sealer.open('session:2', forged)).rejects.toEqual(damaged);
});

test('a change of any character is noticed', async () => {
  const sealer = createSealer([randomKey()]);
  const sealed = await sealer.seal('session:1', 'value');
  // The last character of a part may carry bits that decoding drops, so another letter is put before it.
  const positions = Array.from(sealed.matchAll(/[^.](?=[^.])/g), ({ index }) => index);
  for (const at of positions) {
    const other = sealed[at] === 'A' ? 'B' : 'A';
    const forged = sealed.slice(0, at) + other + sealed.slice(at + 1);
    await expect(sealer.open('session:1', forged)).rejects.toThrow(
      expect.objectContaining({ name: 'SealError' }),
    );
  }
});

test('text that was never sealed is damaged', async () => {
  const sealer = createSealer([randomKey()]);
  for (const text of ['', 'plain', 'a.b.c.d.e', '....']) {
    await expect(sealer.open('session:1', text)).rejects.toEqual(damaged);
  }
});

test('the first key seals, all open, and a key that was taken out opens nothing', async () => {
  const [oldKey, newKey] = [randomKey(), randomKey()];
  const before = createSealer([oldKey]);
  const between = createSealer([newKey, oldKey]);
  const after = createSealer([newKey]);
  const sealed = await before.seal('session:1', 'value');
  expect(await between.open('session:1', sealed)).toBe('value');
  expect(between.isCurrent(sealed)).toBe(false);
  await expect(after.open('session:1', sealed)).rejects.toEqual(unknownKey);
  const again = await between.seal('session:1', 'value');
  expect(between.isCurrent(again)).toBe(true);
  expect(await after.open('session:1', again)).toBe('value');
});

test('no key, or a key of another length, is refused', () => {
  expect(() => createSealer([])).toThrow(TypeError);
  expect(() => createSealer([randomKey(), new Uint8Array(16)])).toThrow(TypeError);
});
