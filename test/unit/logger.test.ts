import { describe, expect, test } from 'vitest';
import { upstreamUnavailable } from '../../src/domain/errors.ts';
import { createLogger, LOG_LEVELS, type LogLevel } from '../../src/lib/logger.ts';
import { UpstreamFailure } from '../../src/upstream/errors.ts';

/** A logger, and the lines that it wrote, parsed. */
function capture(level: LogLevel) {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger(level, { write: (line) => lines.push(JSON.parse(line)) });
  return { logger, lines };
}

describe('a log line', () => {
  test('is JSON with a time in UTC, and nothing about the machine', () => {
    const { logger, lines } = capture('info');
    logger.info({ url: 'http://127.0.0.1:4000' }, 'listening');
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        url: 'http://127.0.0.1:4000',
        msg: 'listening',
      },
    ]);
  });

  test('of an error holds its name, message and stack, and no more', () => {
    const { logger, lines } = capture('error');
    const error = Object.assign(new TypeError('refused', { cause: new Error('Bearer mks_secret') }), {
      request: { headers: { authorization: 'Bearer mks_secret' } },
      kind: 'bad-status',
    });
    logger.error({ err: error }, 'failed');
    expect(lines[0]?.['err']).toEqual({
      name: 'TypeError',
      message: 'refused',
      stack: error.stack,
      kind: 'bad-status',
    });
    expect(JSON.stringify(lines)).not.toContain('mks_secret');
  });

  test('of a provider that gave no usable answer says in our words what it did', () => {
    const { logger, lines } = capture('error');
    const failure = new UpstreamFailure('no-answer', 'casso gave no whole answer (ENOTFOUND)', {
      cause: new Error('Bearer mks_secret'),
    });
    logger.error({ err: upstreamUnavailable('CASSO', { cause: failure }) }, 'failed');
    expect(lines[0]?.['err']).toMatchObject({
      message: 'Casso gave no usable answer.',
      cause: 'casso gave no whole answer (ENOTFOUND)',
    });
    expect(JSON.stringify(lines)).not.toContain('mks_secret');
  });

  test('of something thrown that is no error tells only what sort of thing it was', () => {
    const { logger, lines } = capture('error');
    logger.error({ err: { token: 'mks_secret' } }, 'failed');
    logger.error({ err: 'mks_secret' }, 'failed');
    expect(lines.map(({ err }) => err)).toEqual([{ name: 'object' }, { name: 'string' }]);
  });
});

describe('the level', () => {
  test('decides which lines are written', () => {
    const written = LOG_LEVELS.map((level) => {
      const { logger, lines } = capture(level);
      for (const method of ['error', 'warn', 'info', 'debug'] as const) logger[method]('something');
      return lines.length;
    });
    expect(Object.fromEntries(LOG_LEVELS.map((level, index) => [level, written[index]]))).toEqual({
      silent: 0,
      error: 1,
      warn: 2,
      info: 3,
      debug: 4,
    });
  });
});

test('what nobody said may be written is not written', () => {
  const { logger, lines } = capture('info');
  const careless = { provider: 'CASSO', token: 'mks_secret', phone: '+85512345678', body: { amount: 1 } };
  logger.info(careless, 'careless');
  logger.info({ ...careless, reason: { nested: 'mks_secret' } } as never, 'careless');
  logger.info({ reason: 'x'.repeat(10_000) }, 'long');
  expect(lines.map((line) => Object.keys(line))).toEqual([
    ['level', 'time', 'provider', 'msg'],
    ['level', 'time', 'provider', 'msg'],
    ['level', 'time', 'reason', 'msg'],
  ]);
  expect(lines[2]?.['reason']).toBe('x'.repeat(500));
});
