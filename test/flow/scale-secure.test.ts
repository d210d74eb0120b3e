import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGateway } from '../support/gateway.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';
import { withProgram } from '../support/program.ts';

/** Starts a gateway on that store, and tells whether it became ready. */
async function isReady(env: NodeJS.ProcessEnv): Promise<boolean> {
  const gateway = await startGateway({ env });
  try {
    return (await fetch(`${gateway.url}/readyz`)).ok;
  } finally {
    await gateway.stop();
  }
}

const hostOf = ({ url }: NatsCluster): string => url.slice('nats://'.length);
/** A certificate is for a name; the client does not compare addresses. */
const nameOf = (cluster: NatsCluster): string => hostOf(cluster).replace('127.0.0.1', 'localhost');

withNatsServer(() => {
  describe('a NATS server that asks who it is', () => {
    let cluster: NatsCluster;
    beforeAll(async () => {
      cluster = await startNats(1, ['--user', 'shop', '--pass', 'p@ss/word']);
    });
    afterAll(() => cluster.dispose());

    test('takes the user and the percent-encoded password of the URL', async () => {
      expect(await isReady({ STORE_URL: `nats://shop:p%40ss%2Fword@${hostOf(cluster)}` })).toBe(true);
    });

    test('that is told a wrong password stops the start, and the password is not repeated', async () => {
      const starting = isReady({ STORE_URL: `nats://shop:s3cret@${hostOf(cluster)}` });
      await expect(starting).rejects.toThrow(
        new RegExp(`NATS cannot be reached at ${hostOf(cluster)}: .*Authorization Violation.*STORE_URL`, 'i'),
      );
      await expect(starting).rejects.not.toThrow('s3cret');
    });
  });

  withProgram('openssl', () => {
    describe('a NATS server that insists on TLS and on certificates', () => {
      const folder = mkdtempSync(join(tmpdir(), 'mekong-tls-'));
      const path = (name: string): string => join(folder, name);
      const files = { NATS_CERTIFICATE_FILE: path('client.pem'), NATS_KEY_FILE: path('client.key') };
      let cluster: NatsCluster;
      beforeAll(async () => {
        makeCertificates(folder);
        cluster = await startNats(1, [
          '--tlsverify',
          `--tlscacert=${path('ca.pem')}`,
          `--tlscert=${path('server.pem')}`,
          `--tlskey=${path('server.key')}`,
        ]);
      });
      afterAll(async () => {
        await cluster.dispose();
        rmSync(folder, { recursive: true });
      });

      test('is reached with the certificate of its authority and our own', async () => {
        const STORE_URL = `tls://${nameOf(cluster)}`;
        expect(await isReady({ STORE_URL, NATS_CA_FILE: path('ca.pem'), ...files })).toBe(true);
      });

      test('is not spoken to when its authority is not trusted', async () => {
        const starting = isReady({ STORE_URL: `tls://${nameOf(cluster)}`, ...files });
        await expect(starting).rejects.toThrow(`NATS cannot be reached at ${nameOf(cluster)}: `);
      });

      test('does not let in who shows no certificate', async () => {
        const starting = isReady({ STORE_URL: `tls://${nameOf(cluster)}`, NATS_CA_FILE: path('ca.pem') });
        await expect(starting).rejects.toThrow(`NATS cannot be reached at ${nameOf(cluster)}: `);
      });
    });
  });
});

/** An authority, and what it signed for the server and for us. */
function makeCertificates(folder: string): void {
  const openssl = (command: string): void =>
    void execFileSync('openssl', command.split(' '), { cwd: folder, stdio: 'ignore' });
  const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
  openssl(`req -x509 ${newKey} -keyout ca.key -out ca.pem -days 2 -subj /CN=ca`);
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost\n');
  for (const name of ['server', 'client']) {
    openssl(`req ${newKey} -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`);
    openssl(
      `x509 -req -in ${name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out ${name}.pem -days 2 -extfile names`,
    );
  }
}
