import fc from 'fast-check';
import { expect, test } from 'vitest';
import { environment } from '../../src/config/environment.ts';
import { unknownSettings } from '../../src/config/unknown.ts';

const SETTINGS = Object.keys(environment.shape);

/** A setting's name with one slip of the hand in it. */
const slip = fc
  .record({
    name: fc.constantFrom(...SETTINGS),
    at: fc.nat(),
    letter: fc.stringMatching(/^[A-Z_]$/),
    kind: fc.constantFrom('left out', 'added', 'another', 'swapped'),
  })
  .map(({ name, at, letter, kind }) => {
    const place = at % name.length;
    const [before, here, after] = [name.slice(0, place), name[place] ?? '', name.slice(place + 1)];
    if (kind === 'left out') return before + after;
    if (kind === 'added') return before + letter + here + after;
    if (kind === 'another') return before + letter + after;
    return before + after.slice(0, 1) + here + after.slice(1);
  })
  .filter((name) => !SETTINGS.includes(name));

test('one slip of the hand in the name of any setting is noticed', () => {
  fc.assert(
    fc.property(slip, (name) => {
      // What Kubernetes and desktops set is not ours, however near it is.
      fc.pre(!/^(SESSION_MANAGER|NATS_SERVICE_.+|NATS_PORT(_.+)?)$/.test(name));
      expect(unknownSettings({ [name]: 'x' })).toEqual([name]);
    }),
  );
});

test('a setting is one, and names of other programs are not taken for ours', () => {
  const names = [...SETTINGS, 'PATH', 'HOME', 'HOSTNAME', 'PWD', 'USER', 'TERM', 'SHELL', 'LANG'];
  const proxies = ['ALL_PROXY', 'FTP_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'];
  const others = ['NODE_OPTIONS', 'NODE_PATH', 'LOGNAME', 'LOG_FORMAT', 'DATABASE_URL', 'OTEL_SERVICE_NAME'];
  const env = Object.fromEntries([...names, ...proxies, ...others].map((name) => [name, 'x']));
  expect(unknownSettings(env)).toEqual([]);
});
