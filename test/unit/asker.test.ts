import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressOf } from '../../src/http/asker.ts';

/** Who a request counts for whose proxy wrote this as the last entry. */
const clientOf = (entry: string): string =>
  addressOf(true)({
    headers: { 'x-forwarded-for': `203.0.113.99, ${entry}` },
    socket: { remoteAddress: '10.0.0.1' },
  } as unknown as IncomingMessage);

const hex = (...numbers: number[]): string[] => numbers.map((number) => number.toString(16));
const group = fc.integer({ min: 0, max: 0xffff });
const groups = (count: number) => fc.array(group, { minLength: count, maxLength: count });
const port = fc.integer({ min: 0, max: 65_535 });
const bytes = fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 255 })));

/** The ways in which proxies write one IPv4 address. */
const formsOfIPv4 = ([a = 0, b = 0, c = 0, d = 0]: readonly number[], at: number): string[] => {
  const plain = [a, b, c, d].join('.');
  const [high, low] = [(a << 8) | b, (c << 8) | d];
  const mapped = [
    `::ffff:${plain}`,
    `::FFFF:${plain}`,
    `0:0:0:0:0:ffff:${plain}`,
    `::ffff:${hex(high, low).join(':')}`,
    `0000:0000:0000:0000:0000:ffff:${hex(high, low)
      .map((part) => part.padStart(4, '0'))
      .join(':')}`,
  ];
  return [plain, `${plain}:${at}`, ...mapped, ...mapped.flatMap((form) => [`[${form}]`, `[${form}]:${at}`])];
};

/** The ways in which proxies write one IPv6 address of eight groups. */
const formsOfIPv6 = (all: readonly number[], at: number): string[] => {
  const plain = hex(...all).join(':');
  const zeros = /(?:^|:)0(?::0)+(?=:|$)/.exec(plain);
  const short = zeros
    ? `${plain.slice(0, zeros.index)}::${plain.slice(zeros.index + zeros[0].length).replace(/^:/, '')}`
    : plain;
  const long = all.map((part) => part.toString(16).padStart(4, '0')).join(':');
  const forms = [plain, short, long, plain.toUpperCase(), `${plain}%eth0`];
  return forms.flatMap((form) => [form, `[${form}]`, `[${form}]:${at}`]);
};

describe('who a request counts for', () => {
  test('is one client however its proxy writes an IPv4 address', () => {
    fc.assert(
      fc.property(bytes, port, (address, at) => {
        for (const form of formsOfIPv4(address, at)) expect(clientOf(form)).toBe(address.join('.'));
      }),
    );
  });

  test('is one client however its proxy writes an IPv6 address, and whichever of its network it has', () => {
    fc.assert(
      fc.property(groups(4), groups(4), groups(4), port, (network, one, other, at) => {
        fc.pre(network.some((part) => part !== 0));
        const forms = [...formsOfIPv6([...network, ...one], at), ...formsOfIPv6([...network, ...other], at)];
        for (const form of forms) expect(clientOf(form)).toBe(`${hex(...network).join(':')}::/64`);
      }),
    );
  });

  test('differs between networks', () => {
    fc.assert(
      fc.property(groups(8), groups(8), (one, other) => {
        fc.pre(one.slice(0, 4).join() !== other.slice(0, 4).join());
        expect(clientOf(hex(...one).join(':'))).not.toBe(clientOf(hex(...other).join(':')));
      }),
    );
  });

  test('is one client for everything that is no address', () => {
    const noAddress = fc
      .oneof(
        fc.string(),
        fc.constantFrom('unknown', '_hidden', 'unknown:80', '[]', '[]:80', '1.2.3', '1.2.3.4.5', '01.2.3.4'),
        bytes.map((parts) => `${parts.join('.')}:`),
        groups(7).map((parts) => hex(...parts).join(':')),
        groups(9).map((parts) => `[${hex(...parts).join(':')}]:80`),
      )
      .map((entry) => entry.replaceAll(',', '').trim())
      .filter((entry) => entry !== '' && isIP(entry) === 0 && !/^[\d.]+:\d+$|^\[/.test(entry));
    fc.assert(
      fc.property(noAddress, (entry) => {
        expect(clientOf(entry)).toBe('unknown');
      }),
    );
    for (const entry of ['[]', '[unknown]:80', '[1:2:3]', '1.2.3.4:x', '1.2.3.4:123456', '[::1]x']) {
      expect(clientOf(entry)).toBe('unknown');
    }
  });

  test('is the peer itself where no proxy wrote anything', () => {
    expect(clientOf('')).toBe('10.0.0.1');
  });
});
