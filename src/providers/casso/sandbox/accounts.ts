import type { WireUserInfo } from '../wire.ts';
import { BANKS } from './banks.ts';
import type { Account, Business } from './business.ts';
import { success } from './message.ts';
import { type Route, route } from './routes.ts';
import { idOf, type UnknownReply, unknownReply } from './unknown.ts';

type UserBankAccount = WireUserInfo['bankAccs'][number];

/** #4, #5 and #7 of §4. */
export function accountRoutes(unknown: UnknownReply): Route<Business>[] {
  return [
    route('GET', '/v2/accounts', (_request, { accounts }) => success([...accounts.values()], 'Successful')),
    route('GET', '/v2/accounts/:id', (_request, { accounts }, id) => {
      const account = accounts.get(idOf(id));
      return account ? success(account, 'Successful') : unknownReply(unknown);
    }),
    route('GET', '/v2/userInfo', (_request, business) => success(userInfo(business))),
  ];
}

function userInfo({ profile, accounts }: Business): WireUserInfo {
  const write = profile.live ? liveAccount : documentedAccount;
  return {
    user: profile.user,
    business: { id: profile.id, name: profile.title },
    bankAccs: [...accounts.values()].map(write),
  };
}

/** As the page shows it. */
function documentedAccount(account: Account): UserBankAccount {
  return {
    id: account.id,
    // Without a number there is no key at all (§4.4).
    bank: { ...(account.BIN === null ? {} : { bin: account.BIN }), codeName: account.bankCodeName ?? '' },
    bankAccountName: null,
    bankSubAccId: account.accountNumber,
    balance: account.balance,
    memo: '',
    connectStatus: account.connectStatus,
    planStatus: 0,
  };
}

/** With the fields that only a live capture has. */
function liveAccount(account: Account): UserBankAccount {
  const documented = documentedAccount(account);
  const fullName = BANKS.get(account.bankCodeName ?? '')?.fullName ?? '';
  const bank = { id: 1, ...documented.bank, swift: '', fullName, bankType: 'personal' };
  const live = { ...documented, bank, beginDate: account.beginningSettingDate };
  return live;
}
