import type { AmountFragment, MoneyDirection } from '../gql/graphql.ts';

/**
 * Money as the reader's locale writes it. The API's exact decimal text goes to Intl as text, so no float ever rounds it,
 * and with the decimals that it has: the provider counts riel and dong whole, whatever ISO 4217 says.
 * @param direction shows the sign, for what moved.
 */
export function formatMoney({ decimal, currency }: AmountFragment, direction?: MoneyDirection): string {
  const decimals = decimal.split('.')[1]?.length ?? 0;
  const format = new Intl.NumberFormat(navigator.language, {
    style: 'currency',
    currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    signDisplay: direction ? 'exceptZero' : 'auto',
  });
  return format.format(`${direction === 'DEBIT' ? '-' : ''}${decimal}` as Intl.StringNumericLiteral);
}
