/** A bank account to begin with. `openingBalance` is in VND, before the first transaction; null where the bank gives none. */
export interface AccountSeed {
  readonly id: number;
  readonly accountNumber: string;
  readonly accountName: string;
  readonly bankCodeName: string;
  readonly openingBalance: number | null;
}

export interface BusinessSeed {
  readonly id: number;
  readonly title: string;
  readonly user: { readonly id: number; readonly email: string };
  readonly apiKey: string;
  readonly accounts: readonly AccountSeed[];
}

/** As long as the real ones (§2.1). */
const apiKey = (hex: string, twelve: string) => `AK_CS.${hex.repeat(16)}.${twelve.repeat(6)}`;

/**
 * Who has what here. `main` is the operator's own; `sample` has the documents' literal samples and nothing else, in
 * April 2021.
 */
export const SANDBOX_BUSINESSES = {
  main: {
    id: 101,
    title: 'Cửa hàng Sông Mê Kông',
    user: { id: 1001, email: 'ketoan@mekong.example' },
    apiKey: apiKey('a1', 'MainBusiness'),
    accounts: [
      {
        id: 2101,
        accountNumber: '00710008888',
        accountName: 'CONG TY TNHH SONG ME KONG',
        bankCodeName: 'vietcombank',
        openingBalance: 8_000_000_000,
      },
      {
        id: 2102,
        accountNumber: '0909123456',
        accountName: 'CONG TY TNHH SONG ME KONG',
        bankCodeName: 'mbbank',
        openingBalance: 900_000_000,
      },
      {
        id: 2103,
        accountNumber: '19036512345678',
        accountName: 'TRAN THI HUONG GIANG',
        bankCodeName: 'techcombank',
        openingBalance: 120_000_000,
      },
      {
        id: 2104,
        accountNumber: '8800000042',
        accountName: 'TRAN THI HUONG GIANG',
        bankCodeName: 'timoplus',
        openingBalance: null,
      },
    ],
  },
  second: {
    id: 102,
    title: 'Quán Cà Phê Bờ Sông',
    user: { id: 1002, email: 'chuquan@bosong.example' },
    apiKey: apiKey('b2', 'SecondCoffee'),
    accounts: [
      {
        id: 2201,
        accountNumber: '0123498765',
        accountName: 'LE VAN BINH',
        bankCodeName: 'acb_digi',
        openingBalance: 45_000_000,
      },
      {
        id: 2202,
        accountNumber: '9704220011',
        accountName: 'QUAN CA PHE BO SONG',
        bankCodeName: 'mbbank',
        openingBalance: 12_500_000,
      },
    ],
  },
  /** An account that was linked today: no transactions. Its key is of the older kind. */
  empty: {
    id: 103,
    title: 'Hộ kinh doanh Mới',
    user: { id: 1003, email: 'moi@example.com' },
    apiKey: '3f0c2a9e-5b1d-4c7a-9e42-7d6b8a1f0c35',
    accounts: [
      {
        id: 2301,
        accountNumber: '0000012345',
        accountName: 'PHAM MOI',
        bankCodeName: 'vietcombank',
        openingBalance: 0,
      },
    ],
  },
  sample: {
    id: 22,
    title: 'Vi Du',
    user: { id: 11, email: 'owner@example.com' },
    apiKey: apiKey('c3', 'SampleOfDocs'),
    accounts: [
      {
        id: 2001,
        accountNumber: '0123456789',
        accountName: 'CONG TY VI DU',
        bankCodeName: 'mbbank',
        openingBalance: 0,
      },
    ],
  },
} as const satisfies Record<string, BusinessSeed>;

export type BusinessName = keyof typeof SANDBOX_BUSINESSES;

/** Whom Casso gave a client id, as an application form would. */
export const OAUTH_CLIENT = {
  clientId: 'mekong-sandbox',
  clientSecret: 'sandbox-client-secret-of-casso',
  redirectUris: [
    'https://app.example.com/casso/callback',
    'http://localhost:3000/casso/callback',
    // examples/live-board
    'http://127.0.0.1:5173/',
  ],
} as const;
