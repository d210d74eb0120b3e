import { builder } from './builder.ts';

export const Provider = builder.enumType('Provider', {
  description: 'The payment providers behind this API.',
  values: {
    BONGLOY: {
      value: 'BONGLOY',
      description: 'Bongloy, Cambodia: accounts, cards and card transactions.',
    },
    CASSO: { value: 'CASSO', description: 'Casso, Vietnam: bank accounts and bank transactions.' },
  },
});
