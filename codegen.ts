import type { CodegenConfig } from '@graphql-codegen/cli';

/** Typed operations from schema.graphql. A frontend can copy this file: change `documents` and the output folder. */
const config: CodegenConfig = {
  schema: './schema.graphql',
  documents: ['operations/**/*.graphql'],
  importExtension: '.ts',
  generates: {
    './test/support/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        documentMode: 'string',
        scalars: {
          ID: 'string',
          CurrencyCode: 'string',
          Date: 'string',
          DateTime: 'string',
          JSONObject: 'Record<string, unknown>',
          PhoneNumber: 'string',
          SafeInt: 'number',
          URL: 'string',
        },
      },
    },
  },
};

export default config;
