import type { CodegenConfig } from '@graphql-codegen/cli';

/**
 * Typed operations from the API's schema, and which types stand behind its interfaces, for the cache. Copied elsewhere, this
 * wants a copy of schema.graphql beside it.
 */
const config: CodegenConfig = {
  schema: '../../schema.graphql',
  documents: ['src/operations/*.graphql'],
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        // The client asks for __typename by itself.
        nonOptionalTypename: true,
        skipTypeNameForRoot: true,
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
    'src/gql/possible-types.ts': { plugins: ['fragment-matcher'] },
  },
};

export default config;
