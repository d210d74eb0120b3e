/** A bank under the names that Casso's documents give it. */
export interface Bank {
  /** The key in REST. */
  readonly codeName: string;
  /** NAPAS number; null where Casso has none. */
  readonly bin: number | null;
  readonly fullName: string;
  /** What webhooks call it. */
  readonly name: string;
  readonly abbreviation: string;
}

const list: readonly Bank[] = [
  {
    codeName: 'mbbank',
    bin: 970422,
    fullName: 'Ngân hàng TMCP Quân đội',
    name: 'MBBank',
    abbreviation: 'MBB',
  },
  {
    codeName: 'vietcombank',
    bin: 970436,
    fullName: 'Ngân hàng TMCP Ngoại thương Việt Nam',
    name: 'Vietcombank',
    abbreviation: 'VCB',
  },
  {
    codeName: 'techcombank',
    bin: 970407,
    fullName: 'Ngân hàng TMCP Kỹ thương Việt Nam',
    name: 'Techcombank',
    abbreviation: 'TCB',
  },
  {
    codeName: 'acb_digi',
    bin: 970416,
    fullName: 'Ngân hàng TMCP Á Châu',
    name: 'ACB',
    abbreviation: 'ACB',
  },
  {
    codeName: 'timoplus',
    bin: null,
    fullName: 'Ngân hàng số Timo',
    name: 'Timo',
    abbreviation: 'TIMO',
  },
];

/** By code name. */
export const BANKS: ReadonlyMap<string, Bank> = new Map(list.map((bank) => [bank.codeName, bank]));
