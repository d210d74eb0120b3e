import { describe, expect, test } from 'vitest';
import { BONGLOY, mistakesOf, read } from './config-support.ts';

describe('NODE_ENV=production', () => {
  test('hides what only developers need', () => {
    expect(read({ NODE_ENV: 'production' })).toMatchObject({
      production: true,
      graphiql: false,
      introspection: false,
    });
  });

  test('can be told to show it', () => {
    expect(read({ NODE_ENV: 'production', GRAPHIQL: 'true', INTROSPECTION: 'true' })).toMatchObject({
      production: true,
      graphiql: true,
      introspection: true,
    });
  });

  test.each([
    ['PUBLIC_URL', 'http://api.example.com', 'must begin with https:// in production'],
    ['CORS_ORIGINS', 'https://a.example.com,http://b.example.com', 'must begin with https:// in production'],
    [
      'CASSO_WEBHOOK_SECURE_TOKENS',
      `${'x'.repeat(32)},${'y'.repeat(31)}`,
      'must have at least 32 characters each',
    ],
    ['BONGLOY_WEBHOOK_SECRETS', 'x'.repeat(31), 'must have 32 characters each'],
  ])('refuses %s=%s, which is fine elsewhere', (name, value, cure) => {
    const rest = name.startsWith('BONGLOY') ? BONGLOY : {};
    expect(mistakesOf({ ...rest, [name]: value })).toEqual([]);
    expect(mistakesOf({ ...rest, [name]: value, NODE_ENV: 'production' })).toEqual([
      expect.stringContaining(`${name} ${cure}`),
    ]);
  });

  test('takes what is safe: https, this machine, secrets of 32 characters', () => {
    const safe = {
      PUBLIC_URL: 'https://api.example.com',
      CORS_ORIGINS: 'https://a.example.com,http://localhost:5173',
      CASSO_WEBHOOK_SECURE_TOKENS: 'x'.repeat(32),
      ...BONGLOY,
      BONGLOY_WEBHOOK_SECRETS: 'x'.repeat(32),
    };
    expect(mistakesOf({ ...safe, NODE_ENV: 'production' })).toEqual([]);
    expect(mistakesOf({ ...safe, PUBLIC_URL: 'http://127.0.0.1:4000', NODE_ENV: 'production' })).toEqual([]);
  });

  test('is the only value that means production', () => {
    expect(read({ NODE_ENV: 'prod' }).production).toBe(false);
  });
});
