import DataLoader from 'dataloader';
import { paths } from './paths.js';
import { listOf, toAccount, toBalance, toCard } from './values.js';

/** One upstream call whenever something is asked. */
export const naiveLoads = (get) => ({
  card: async (id) => toCard((await get(paths.card(id))).data),
  account: async (id) => toAccount((await get(paths.account(id))).data),
  balance: async (id) => toBalance((await get(paths.balance(id))).data),
  cardsOf: async (accountId) => {
    const { data } = await get(paths.cards);
    return listOf(data.map(toCard).filter((card) => card.accountId === accountId));
  },
});

/**
 * DataLoader over a REST API that cannot be asked for several ids, as its README has it: each id once. The cards of all
 * accounts are one list, as the upstream has no other way to find them.
 */
export function dataLoaders(get) {
  const naive = naiveLoads(get);
  const perId = (load) => {
    const loader = new DataLoader((ids) => Promise.all(ids.map((id) => load(id).catch((error) => error))));
    return (id) => loader.load(id);
  };
  const cardsOf = new DataLoader(async (accountIds) => {
    const cards = (await get(paths.cards)).data.map(toCard);
    return accountIds.map((id) => listOf(cards.filter((card) => card.accountId === id)));
  });
  return {
    card: perId(naive.card),
    account: perId(naive.account),
    balance: perId(naive.balance),
    cardsOf: (accountId) => cardsOf.load(accountId),
  };
}
