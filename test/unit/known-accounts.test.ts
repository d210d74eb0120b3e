import { expect, test } from 'vitest';
import { KnownAccounts } from '../../src/loaders/known-accounts.ts';

const account = (id: string, accountNumber: string, code: string) => ({
  id,
  accountNumber,
  bank: { code, name: null, bin: null },
});
const MB = account('1', '0909 123', 'mbbank');
const ACB = account('2', '0909123', 'acb_digi');

test('who bears a number is asked for when the lists that are being read have come, also those that fail', async () => {
  const known = new KnownAccounts();
  known.add([MB]);
  let arrive = (_accounts: (typeof ACB)[]) => {};
  const reading = known.learn(
    new Promise<(typeof ACB)[]>((resolve) => {
      arrive = resolve;
    }),
  );
  const failing = known.learn(Promise.reject(new Error('down')));
  await expect(failing).rejects.toThrow('down');
  const bearers = known.bearersOf('0909123');
  arrive([ACB]);
  expect(await bearers).toEqual([MB, ACB]);
  expect(await reading).toEqual([ACB]);
});

test('an account that is listed again is the one that was known', async () => {
  const known = new KnownAccounts();
  known.add([MB]);
  known.add([{ ...MB, accountNumber: '0909123' }]);
  expect(await known.bearersOf('0909123')).toEqual([{ ...MB, accountNumber: '0909123' }]);
  expect(await known.bearersOf('1')).toEqual([]);
});
