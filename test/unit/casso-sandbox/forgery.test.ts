import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { call, endpoint, NOW, sample, start } from './support.ts';

const KEY = 'checksum-key';

async function receiving(version: 'v1' | 'v2') {
  const hook = await endpoint();
  const sandbox = await start({ webhook: { url: hook.url, version, secret: KEY } });
  const isListed = async (id: number) =>
    (await call(sandbox, 'main', `GET /v2/transactions/${id}`)).body.data !== null;
  return { hook, sandbox, isListed };
}

/** Whether the header was made with the key, for the body as it came, written in this way. */
function isSigned(
  { headers, body }: { headers: Record<string, unknown>; body: object },
  write = (text: string) => text,
) {
  const flat = Object.entries((body as { data: object }).data).sort(([a], [b]) => a.localeCompare(b));
  const text = write(JSON.stringify({ data: Object.fromEntries(flat), error: 0 }));
  const mac = createHmac('sha512', KEY).update(`${NOW}.${text}`).digest('hex');
  return headers['x-casso-signature'] === `t=${NOW},v1=${mac}`;
}

const phpEscaped = (text: string) =>
  Array.from(text, (character) => {
    if (character === '/') return '\\/';
    const code = character.charCodeAt(0);
    return code < 128 ? character : `\\u${code.toString(16).padStart(4, '0')}`;
  }).join('');

describe('a delivery can be sent', () => {
  test.each(['v1', 'v2'] as const)('valid in %s, about a transaction that is there', async (version) => {
    const { hook, sandbox, isListed } = await receiving('v1');
    const [delivery] = await sandbox.control.sendWebhook({ mode: 'valid', version });
    expect(delivery).toMatchObject({ version, status: 200, accepted: true });
    expect(await isListed(delivery?.transactionIds[0] ?? 0)).toBe(true);
    expect(Array.isArray(hook.received[0]?.body.data)).toBe(version === 'v1');
  });

  test('signed as PHP would write it', async () => {
    const { hook, sandbox } = await receiving('v2');
    await sandbox.control.sendWebhook({ mode: 'php-form' });
    const received = hook.only();
    expect(received.body.data.description).toMatch(/ễ.*\//u);
    expect(isSigned(received)).toBe(false);
    expect(isSigned(received, phpEscaped)).toBe(true);
  });

  test('with several rows', async () => {
    const { hook, sandbox, isListed } = await receiving('v1');
    const [delivery] = await sandbox.control.sendWebhook({ mode: 'several-rows' });
    expect(hook.received[0]?.body.data).toHaveLength(3);
    for (const id of delivery?.transactionIds ?? []) expect(await isListed(id)).toBe(true);
  });

  test('twice with the same id', async () => {
    const { hook, sandbox } = await receiving('v2');
    await sandbox.control.sendWebhook({ mode: 'duplicate-id' });
    const [first, second] = hook.received;
    expect(hook.received).toHaveLength(2);
    expect(second?.text).toBe(first?.text);
  });

  test('as the test call of V1', async () => {
    const { hook, sandbox } = await receiving('v1');
    await sandbox.control.sendWebhook({ mode: 'test-call' });
    const received = hook.only();
    expect(received.headers['secure-token']).toBe(KEY);
    expect(received.body.data).toEqual([
      expect.objectContaining({
        id: 0,
        amount: 599_000,
        cusum_balance: 25_000_000,
        when: '2025-03-10 12:30:00',
      }),
    ]);
  });

  test('as the test call of V2, with the values of the published vector', async () => {
    const { hook, sandbox } = await receiving('v2');
    await sandbox.control.sendWebhook({ mode: 'test-call' });
    const received = hook.only();
    const { payload } = sample('webhook-v2-vector');
    const data = { ...payload.data, transactionDateTime: '2025-03-10 12:30:00' };
    expect(received.body).toEqual({ ...payload, data });
    expect(isSigned(received)).toBe(true);
  });

  test.each([
    ['v1', 'wrong-secret'],
    ['v1', 'missing-header'],
    ['v2', 'wrong-secret'],
    ['v2', 'altered-body'],
    ['v2', 'missing-header'],
  ] as const)('in %s with %s, about a transaction that never was', async (version, mode) => {
    const { hook, sandbox, isListed } = await receiving(version);
    const [delivery] = await sandbox.control.sendWebhook({ mode });
    const received = hook.only();
    expect(await isListed(delivery?.transactionIds[0] ?? 0)).toBe(false);
    expect(received.headers['secure-token']).not.toBe(KEY);
    expect('x-casso-signature' in received.headers).toBe(version === 'v2' && mode !== 'missing-header');
    expect(isSigned(received)).toBe(false);
  });

  test('only in the version that has such a thing, and only to a webhook', async () => {
    const { sandbox } = await receiving('v1');
    await expect(sandbox.control.sendWebhook({ mode: 'altered-body' })).rejects.toThrow('for v2 alone');
    await expect(sandbox.control.sendWebhook({ mode: 'valid', business: 'second' })).rejects.toThrow(
      'no webhook',
    );
  });
});
