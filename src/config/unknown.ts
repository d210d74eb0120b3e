import { environment } from './environment.ts';

/** What our settings' names begin with; others belong to other programs. */
const PREFIX = /^(BONGLOY|CASSO|OPERATOR|STORE|NATS|SESSION|EVENT|LOGIN)_/;

/** What desktops and Kubernetes put into every process's environment. */
const NOT_OURS = /^(SESSION_MANAGER|NATS_SERVICE_.+|NATS_PORT(_.+)?)$/;

/** Names that look like settings and are none: mistyped, most likely, and otherwise without a word not obeyed. */
export const unknownSettings = (env: NodeJS.ProcessEnv): string[] =>
  Object.keys(env).filter(
    (name) => PREFIX.test(name) && !NOT_OURS.test(name) && !(name in environment.shape),
  );
