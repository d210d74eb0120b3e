import type { CardDetails } from '../../wire.ts';

export interface Merchant {
  readonly data: CardDetails['merchant_data'];
  readonly currency: string;
}

/** How many smallest units of a currency one US cent buys, about. The riel and the dong count in whole units (§8). */
const PER_CENT: Readonly<Record<string, number>> = { USD: 1, KHR: 41, VND: 254, THB: 36 };

/** From the smallest unit of one currency to that of another. */
export function convert(amount: number, from: string, to: string): number {
  return Math.round((amount / (PER_CENT[from] ?? 1)) * (PER_CENT[to] ?? 1));
}

export const MERCHANTS: readonly [Merchant, ...Merchant[]] = [
  merchant('Riverside Coffee', 'Phnom Penh', 'eating_places_restaurants'),
  merchant('ផ្សារអូឡាំពិក', 'ភ្នំពេញ', 'grocery_stores_supermarkets'),
  merchant('Rocket Rides', 'Phnom Penh', 'taxicabs_limousines'),
  merchant('ភោជនីយដ្ឋានទន្លេសាប', 'សៀមរាប', 'eating_places_restaurants'),
  merchant('Angkor Books', 'Siem Reap', 'book_stores'),
  merchant('ឱសថស្ថានសុខភាព', 'បាត់ដំបង', 'drug_stores_and_pharmacies'),
  merchant('Mekong Fuel', 'Kampong Cham', 'service_stations'),
  merchant('ហាងកាហ្វេព្រះអាទិត្យ', 'ភ្នំពេញ', 'fast_food_restaurants', 'KHR'),
  merchant('Kampot Pepper House', 'Kampot', 'miscellaneous_food_stores', 'KHR'),
  merchant('Saigon Electronics', 'Ho Chi Minh City', 'electronics_stores', 'VND', 'Vietnam'),
  merchant('Chao Phraya Hotel', 'Bangkok', 'hotels_motels_and_resorts', 'THB', 'Thailand'),
];

function merchant(
  name: string,
  city: string,
  category: string,
  currency = 'USD',
  country = 'Cambodia',
): Merchant {
  return { data: { name, city, country, category }, currency };
}
