import { DAY } from '../../../../lib/duration.ts';
import { Business } from '../business.ts';
import { SandboxState } from '../state.ts';
import { vietnamDate } from '../time.ts';
import { newAccount } from './account.ts';
import { type BusinessName, type BusinessSeed, SANDBOX_BUSINESSES } from './businesses.ts';
import { giveHistory, type HistoryPlan } from './history.ts';
import { sampleBusiness } from './sample.ts';

/** About 450 rows, half of them in the last week; 120; none. */
const PLANS: Readonly<Record<Exclude<BusinessName, 'sample'>, HistoryPlan>> = {
  main: { days: 90, recent: 30, earlier: 3 },
  second: { days: 60, recent: 2, earlier: 2 },
  empty: { days: 1, recent: 0, earlier: 0 },
};

/** The simulated provider as it begins. `now` is in milliseconds since the epoch. */
export function seedState(now: number): SandboxState {
  const live = Object.entries(PLANS).map(([name, plan]) => ({
    plan,
    business: newBusiness(name as keyof typeof PLANS, plan, now),
  }));
  const state = new SandboxState([...live.map(({ business }) => business), sampleBusiness()]);
  for (const { business, plan } of live) giveHistory(state, business, plan, now);
  return state;
}

function newBusiness(name: keyof typeof PLANS, { days }: HistoryPlan, now: number): Business {
  const { id, title, user, apiKey, accounts }: BusinessSeed = SANDBOX_BUSINESSES[name];
  const business = new Business({ name, id, title, user, apiKey, live: true });
  const since = vietnamDate(now - days * DAY);
  for (const account of accounts) business.accounts.set(account.id, newAccount(account, since));
  return business;
}
