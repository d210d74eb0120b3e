import { environment } from './environment.ts';

/** What our settings' names begin with; others belong to other programs. */
const PREFIX = /^(BONGLOY|CASSO|OPERATOR|STORE|NATS|SESSION|EVENT|LOGIN)_/;

/** What desktops and Kubernetes put into every process's environment. */
const NOT_OURS = /^(SESSION_MANAGER|NATS_SERVICE_.+|NATS_PORT(_.+)?)$/;

/** Names that look like settings and are none: mistyped, most likely, and otherwise without a word not obeyed. */
export const unknownSettings = (env: NodeJS.ProcessEnv): string[] =>
  Object.keys(env).filter(
    (name) => !(name in environment.shape) && !NOT_OURS.test(name) && (PREFIX.test(name) || isMistyped(name)),
  );

const SETTINGS = Object.keys(environment.shape);

/** One letter too many, too few, wrong, or in the other's place: `CORS_ORIGIN`, `LOG_LEVL`, `PROT`. */
const isMistyped = (name: string): boolean => SETTINGS.some((setting) => isOneSlipFrom(setting, name));

function isOneSlipFrom(setting: string, name: string): boolean {
  const shorter = Math.min(setting.length, name.length);
  let head = 0;
  while (head < shorter && setting[head] === name[head]) head++;
  let tail = 0;
  while (tail < shorter - head && setting.at(-1 - tail) === name.at(-1 - tail)) tail++;
  const meant = setting.slice(head, setting.length - tail);
  const typed = name.slice(head, name.length - tail);
  if (meant.length <= 1 && typed.length <= 1) return true;
  return meant.length === 2 && typed === `${meant[1]}${meant[0]}`;
}
