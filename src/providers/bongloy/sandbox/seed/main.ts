import { post } from '../movements.ts';
import { account, card } from '../resources.ts';
import type { SandboxState } from '../state.ts';
import { timestamp } from '../time.ts';
import { MAIN_LOGIN, SANDBOX_ACCOUNTS, SANDBOX_CARDHOLDERS } from './cardholders.ts';
import { ODDITIES } from './oddities.ts';
import { DIGITAL_CAMBODIA, person } from './people.ts';
import { demoPurchase, timeOf } from './purchases.ts';
import { createRandom, demoId } from './random.ts';

const TRANSACTIONS = 300;
const CARDS = 14;
/** The row at each of these shares its time with the row before it, the last of a page of 10 or 20. */
const TIED = new Set([10, 20]);

const ACCOUNTS = [
  {
    id: SANDBOX_ACCOUNTS.everyday,
    identifier: MAIN_LOGIN.accountIdentifier,
    currency: 'USD',
    opening: 5_000_000,
  },
  { id: SANDBOX_ACCOUNTS.savings, identifier: '204000202', currency: 'USD', opening: 9_000_000 },
  { id: SANDBOX_ACCOUNTS.riel, identifier: '204000203', currency: 'KHR', opening: 9_000_000_000 },
] as const;

/** The main cardholder's transaction at a place of their list, 0 being the newest at the start. */
const transactionId = (index: number) => demoId('7ac00000', TRANSACTIONS - index);

/** The main cardholder's transactions that are worth a name. */
export const SANDBOX_TRANSACTIONS = {
  /** A debit with a card, not yet settled. */
  pending: transactionId(2),
  /** Pending, without a card, `settlement_time` null. */
  withoutCard: transactionId(3),
  /** Unknown `type` and `transaction_details.type`, fees, and an attribute that no document has. */
  unknownKinds: transactionId(4),
  /** Pending, and `settlement_time` is absent. */
  withoutSettlementTime: transactionId(5),
  /** More than 2^31 riel. */
  huge: transactionId(6),
  /** USD account, merchant in Vietnam. */
  foreign: transactionId(7),
  /** Same `transaction_time`, on both sides of the end of a page of 10. */
  tiedAtTen: [transactionId(9), transactionId(10)],
  /** The same at 20. */
  tiedAtTwenty: [transactionId(19), transactionId(20)],
} as const;

/** `now` is ms since the epoch: the newest transaction is three hours older. */
export function seedMain(state: SandboxState, now: number): void {
  const random = createRandom(20_200_525);
  const cardholder = SANDBOX_CARDHOLDERS.main;
  const created = timestamp(timeOf(TRANSACTIONS, now));
  state.addCardholder(person(cardholder, 'Sok Sophea', 'សុខ សុភា', MAIN_LOGIN.phoneNumber), DIGITAL_CAMBODIA);
  for (const { id, identifier, currency, opening } of ACCOUNTS) {
    const number = identifier.slice(3);
    state.addAccount(account({ id, identifier, number, currency, created, cardholder }), opening);
  }
  for (let number = 1; number <= CARDS; number += 1) {
    const type = number % 3 === 0 ? 'virtual' : 'physical';
    const facts = { id: cardId(number), created, lastFour: random.digits(4), type } as const;
    state.addCard(card({ ...facts, account: accountOfCard(number).id }));
  }
  for (let index = TRANSACTIONS - 1; index >= 0; index -= 1) {
    const oddity = ODDITIES[index];
    const number = oddity?.card ?? random.int(1, CARDS);
    const { id, currency } = accountOfCard(number);
    const at = timeOf(TIED.has(index) ? index - 1 : index, now);
    const place = { id: transactionId(index), at, account: id, card: cardId(number), currency };
    const ordinary = demoPurchase(random, place);
    post(state, oddity?.change(ordinary) ?? ordinary);
  }
}

/** Eight cards on the everyday account, four on the savings, two on the riel account. */
function accountOfCard(number: number): (typeof ACCOUNTS)[number] {
  if (number <= 8) return ACCOUNTS[0];
  return number <= 12 ? ACCOUNTS[1] : ACCOUNTS[2];
}

function cardId(number: number): string {
  return demoId('cad00000', number);
}
