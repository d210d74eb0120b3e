import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAllowedOrigin } from '../../src/lib/origins.ts';
import { mistakesOf, read } from './config-support.ts';

describe('CORS_ORIGINS', () => {
  test.each([
    'https://app.example.com',
    'https://app.example.com:8443',
    'http://localhost:3000',
    'http://[::1]:3000',
    'https://xn--nxasmq6b.example',
    'capacitor://localhost',
    'ionic://localhost',
    'tauri://localhost',
    'http://tauri.localhost',
    'https://tauri.localhost',
    'app://obsidian.md',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    'moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc',
    'safari-web-extension://E3449EA7-0000-4000-8000-472B45EECFDC',
  ])('takes %s, in production as well', (origin) => {
    for (const NODE_ENV of ['development', 'production']) {
      expect(read({ NODE_ENV, CORS_ORIGINS: origin }).corsOrigins).toEqual([origin]);
    }
  });

  test.each([
    '*',
    'https://*.example.com',
    'https://app.example.com:*',
    'http://localhost:*',
    'capacitor://*',
    '*://localhost',
  ])('says that a pattern matches nothing: %s', (pattern) => {
    expect(mistakesOf({ CORS_ORIGINS: `https://a.example.com,${pattern}` })).toEqual([
      expect.stringMatching(/^CORS_ORIGINS must name each origin by itself: a pattern with \* matches none/),
    ]);
  });

  test.each([
    ['a path', 'https://app.example.com/'],
    ['a path of an app', 'capacitor://localhost/index.html'],
    ['a query', 'https://app.example.com?x'],
    ['the usual port', 'https://app.example.com:443'],
    ['capital letters', 'https://App.example.com'],
    ['a scheme in capital letters', 'Capacitor://localhost'],
    ['a name that browsers write in ASCII', 'https://càphê.example'],
    ['no scheme', 'app.example.com'],
    ['no host', 'capacitor://'],
    ['a user', 'https://me@app.example.com'],
    ['what every sandboxed page sends', 'null'],
    ['a file', 'file:///index.html'],
    ['files', 'file://'],
    ['a socket', 'wss://app.example.com'],
    ['a pattern in round brackets', 'https://(a|b).example.com'],
    ['a regular expression', '/example\\.com$/'],
  ])('refuses what no browser sends: %s', (_what, origin) => {
    expect(mistakesOf({ CORS_ORIGINS: origin })).toEqual([
      expect.stringMatching(/^CORS_ORIGINS must be a comma list of origins as browsers send them, such as /),
    ]);
  });

  test('refuses in production what can be changed on its way, and every page of the machine', () => {
    const production = (origin: string) => mistakesOf({ NODE_ENV: 'production', CORS_ORIGINS: origin });
    expect(production('http://app.example.com')).toEqual([expect.stringMatching(/must begin with https:/)]);
    expect(production('loopback')).toEqual([expect.stringMatching(/must not hold loopback in production/)]);
    expect(mistakesOf({ CORS_ORIGINS: 'loopback,http://app.example.com' })).toEqual([]);
  });
});

describe('an origin is allowed', () => {
  test('when it is named, and no other is', () =>
    fc.assert(
      fc.property(fc.webUrl(), fc.webUrl(), (one, other) => {
        const [allowed, asked] = [new URL(one).origin, new URL(other).origin];
        expect(isAllowedOrigin(allowed, [allowed])).toBe(true);
        expect(isAllowedOrigin(asked, [allowed])).toBe(asked === allowed);
        expect(isAllowedOrigin(asked, ['loopback'])).toBe(false);
      }),
    ));

  test.each([
    'http://localhost',
    'http://localhost:5173',
    'https://localhost:8443',
    'http://127.0.0.1:19006',
    'http://127.9.9.9:1',
    'http://[::1]:3000',
    'http://shop.localhost:3000',
  ])('by loopback on any port: %s', (origin) => {
    expect(isAllowedOrigin(origin, ['loopback'])).toBe(true);
    expect(isAllowedOrigin(origin, [])).toBe(false);
  });

  test.each([
    undefined,
    null,
    '',
    'null',
    'http://localhost.example.com',
    'http://evil.example#localhost',
    'http://127.0.0.1.example.com',
    'http://192.168.1.4:3000',
    'capacitor://localhost',
    'http://localhost:3000/path',
  ])('never by loopback: %s', (origin) => {
    expect(isAllowedOrigin(origin, ['loopback'])).toBe(false);
  });
});
