import { account, card, type TransactionFacts, transaction } from '../resources.ts';
import type { SandboxState } from '../state.ts';
import { SANDBOX_CARDHOLDERS as WHO } from './cardholders.ts';
import { DIGITAL_CAMBODIA, issuer, META_KANHA, person } from './people.ts';

const MAY_25 = '2020-05-25T05:08:23Z';
const OPENING_BALANCE = 10_000;

/**
 * The objects of the reference page's samples, value by value. They come from different runs, so their relations
 * point at rows that the page does not show: those are made up here (see SANDBOX_CARDHOLDERS for who has what).
 */
export function seedSamples(state: SandboxState): void {
  accountList(state);
  singleAccountAndCard(state);
  cardListAndBalance(state);
  transactionPage(state);
  filteredAndSingleTransaction(state);
}

function accountList(state: SandboxState): void {
  state.addCardholder(person(WHO.sampleAccounts, 'Sok Dara', 'សុខ ដារា', '85510000201'), issuer('201'));
  addAccount(state, WHO.sampleAccounts, '3671cc02-346b-492d-a3a1-0ae7222a51c1', '201000137');
  addAccount(state, WHO.sampleAccounts, '105563c0-e136-43ba-88d4-de968b4110c1', '201000138');
}

function singleAccountAndCard(state: SandboxState): void {
  state.addCardholder(person(WHO.sampleAccount, 'Chan Bopha', 'ចាន់ បុប្ផា', '85510000203'), issuer('203'));
  addAccount(state, WHO.sampleAccount, '1ac8d3c9-cb7c-419d-a84d-d006ff618edd', '203000140');
  addAccount(state, WHO.sampleAccount, 'd0058220-8194-4117-afa4-638dcb85bc91', '203000141');
  const created = '2020-05-25T05:08:24Z';
  addCard(state, '86dbf71d-8fba-43ba-a1bc-a62385c68e62', 'd0058220-8194-4117-afa4-638dcb85bc91', created);
}

function cardListAndBalance(state: SandboxState): void {
  const withCards = 'fea9a79c-24c0-4179-9c15-832977c8e601';
  state.addCardholder(person(WHO.sampleCards, 'Keo Rithy', 'កែវ រិទ្ធី', '85510000204'), DIGITAL_CAMBODIA);
  addAccount(state, WHO.sampleCards, withCards, '204000142');
  addAccount(state, WHO.sampleCards, '213a65a1-6ec5-4181-817e-0766170b406d', '204000143');
  addCard(state, '4de4c647-6f3c-4761-9a0c-861acadaf797', withCards);
  addCard(state, 'b496bcdf-3804-491b-9b2c-b7f2eb24856e', withCards);
}

function transactionPage(state: SandboxState): void {
  const on = {
    account: 'c7d6e5db-4551-4ad1-87fa-7db4c1ab917a',
    card: 'bc944846-0d11-49f6-af76-47154d4ad71a',
  };
  const created = '2020-05-25T05:08:20Z';
  const holder = person(WHO.sampleTransactions, 'Lim Sreymom', 'លឹម ស្រីមុំ', '85512583587');
  state.addCardholder(holder, issuer('195'));
  addAccount(state, WHO.sampleTransactions, on.account, '195000131');
  addCard(state, on.card, on.account);
  addRide(state, {
    ...on,
    id: '7a000000-0000-4000-8000-000000000001',
    number: '100000000001',
    created,
    time: '2020-01-01T00:00:00Z',
  });
  addRide(state, {
    ...on,
    id: '221bacf3-38b6-42bb-b8d4-d7b497f120ee',
    number: '893638277150',
    created,
    time: '2020-01-02T00:00:00Z',
  });
  addRide(state, {
    ...on,
    id: '327cfed6-1e9e-4bbe-9532-a86be4b7ddd1',
    number: '999542400183',
    created,
    time: '2020-01-03T00:00:00Z',
  });
}

function filteredAndSingleTransaction(state: SandboxState): void {
  const filtered = {
    account: '4ec7d89a-57e1-4084-87d5-46835dbcf929',
    card: '43390a01-2d49-4b1c-9c9c-ab8883f2974a',
  };
  const single = {
    account: 'de447152-51d2-4024-bc3d-8e3fbc6a8ced',
    card: '2c952203-ad9f-4d99-b562-541cfe18734c',
  };
  const created = '2020-05-25T05:08:24Z';
  state.addCardholder(META_KANHA, DIGITAL_CAMBODIA);
  addAccount(state, WHO.metaKanha, filtered.account, '204000145');
  addAccount(state, WHO.metaKanha, single.account, '204000146');
  addCard(state, filtered.card, filtered.account);
  addCard(state, single.card, single.account);
  addRide(state, {
    ...filtered,
    id: 'd278b579-217f-44b1-a340-c829d1708cfe',
    number: '865786306204',
    created,
    time: '2020-01-01T01:00:00Z',
  });
  addRide(state, {
    ...single,
    id: '124b35c6-0246-42b3-8b88-fe4485fa3b4e',
    number: '445120215177',
    created,
    time: created,
  });
}

function addAccount(state: SandboxState, cardholder: string, id: string, identifier: string): void {
  const facts = { id, cardholder, identifier, number: identifier.slice(3), currency: 'USD', created: MAY_25 };
  state.addAccount(account(facts), OPENING_BALANCE);
}

function addCard(state: SandboxState, id: string, accountId: string, created: string = MAY_25): void {
  state.addCard(card({ id, created, lastFour: '2345', type: 'physical', account: accountId }));
}

/** Every sampled transaction is the same ride for ten dollars. The balances are the samples' own: none is moved. */
function addRide(
  state: SandboxState,
  facts: Required<Pick<TransactionFacts, 'id' | 'number' | 'time' | 'created' | 'account' | 'card'>>,
): void {
  state.addTransaction(
    transaction({
      ...facts,
      status: 'settled',
      currency: 'USD',
      amount: 1_000,
      merchantCurrency: 'USD',
      merchantAmount: 1_000,
      merchant: {
        name: 'Rocket Rides',
        city: 'Phnom Penh',
        country: 'Cambodia',
        category: 'taxicabs_limousines',
      },
    }),
  );
}
