import type { Provider as Name } from '../domain/provider.ts';
import { builder } from './builder.ts';

export const Provider = builder.enumType('Provider', {
  description: 'The payment providers behind this API.',
  values: {
    BONGLOY: {
      value: 'BONGLOY' as Name,
      description: 'Bongloy, Cambodia: accounts, cards and card transactions.',
    },
    CASSO: { value: 'CASSO' as Name, description: 'Casso, Vietnam: bank accounts and bank transactions.' },
  },
});
