import { post } from '../movements.ts';
import { account, card } from '../resources.ts';
import type { SandboxState } from '../state.ts';
import { timestamp } from '../time.ts';
import { SANDBOX_CARDHOLDERS } from './cardholders.ts';
import { convert } from './merchants.ts';
import { DIGITAL_CAMBODIA, person } from './people.ts';
import { demoPurchase, timeOf } from './purchases.ts';
import { createRandom, demoId } from './random.ts';

const ACCOUNTS = 12;
const CURRENCIES = ['USD', 'KHR', 'VND'] as const;
const TRANSACTIONS = 100;
const OPENING_CENTS = 1_000_000;

/** The made-up cardholders beside the main one. `now` is ms since the epoch. */
export function seedOthers(state: SandboxState, now: number): void {
  manyAccounts(state, now);
  roundTotal(state, now);
  const nobody = person(SANDBOX_CARDHOLDERS.empty, 'Ny Vanna', 'នី វណ្ណា', '85510000004');
  state.addCardholder(nobody, DIGITAL_CAMBODIA);
}

function manyAccounts(state: SandboxState, now: number): void {
  const cardholder = SANDBOX_CARDHOLDERS.manyAccounts;
  state.addCardholder(person(cardholder, 'Heng Visal', 'ហេង វិសាល', '85510000002'), DIGITAL_CAMBODIA);
  for (let index = 0; index < ACCOUNTS; index += 1) {
    const currency = CURRENCIES[index % CURRENCIES.length] ?? 'USD';
    addAccountWithCard(state, { cardholder, currency, number: 301 + index, created: timestamp(now) });
  }
}

function roundTotal(state: SandboxState, now: number): void {
  const cardholder = SANDBOX_CARDHOLDERS.roundTotal;
  const random = createRandom(TRANSACTIONS);
  state.addCardholder(person(cardholder, 'Chea Pisey', 'ជា ពិសី', '85510000003'), DIGITAL_CAMBODIA);
  const created = timestamp(timeOf(TRANSACTIONS, now));
  const ids = addAccountWithCard(state, { cardholder, currency: 'USD', number: 401, created });
  for (let index = TRANSACTIONS - 1; index >= 0; index -= 1) {
    const id = demoId('7ac10000', TRANSACTIONS - index);
    post(state, demoPurchase(random, { ...ids, id, at: timeOf(index, now), currency: 'USD' }));
  }
}

function addAccountWithCard(
  state: SandboxState,
  facts: {
    readonly cardholder: string;
    readonly currency: string;
    readonly number: number;
    readonly created: string;
  },
): { readonly account: string; readonly card: string } {
  const { cardholder, currency, created } = facts;
  const ids = { account: demoId('acc10000', facts.number), card: demoId('cad10000', facts.number) };
  const number = String(facts.number).padStart(6, '0');
  const identifier = `${DIGITAL_CAMBODIA.attributes.code}${number}`;
  state.addAccount(
    account({ id: ids.account, cardholder, currency, created, number, identifier }),
    convert(OPENING_CENTS, 'USD', currency),
  );
  state.addCard(
    card({ id: ids.card, created, lastFour: number.slice(-4), type: 'physical', account: ids.account }),
  );
  return ids;
}
