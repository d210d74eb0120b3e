import { startBongloySandbox } from '../../dist/providers/bongloy/sandbox/index.js';
import { startCassoSandbox } from '../../dist/providers/casso/sandbox/index.js';
import { worker } from '../lib/worker.js';

/** Both simulators. They remember every request, which is not what is measured: a process of their own. */
let bongloy;
let casso;

worker({
  async start() {
    bongloy = await startBongloySandbox();
    casso = await startCassoSandbox();
    return {
      bongloy: { url: bongloy.url, application: bongloy.application, login: bongloy.login },
      casso: { url: casso.url, apiKey: casso.businesses.main.apiKey },
    };
  },

  webhooks({ url, bongloySecret, cassoSecret }) {
    bongloy.control.setWebhook({ url: `${url}/webhooks/bongloy`, secret: bongloySecret });
    casso.control.setWebhook({
      business: 'main',
      url: `${url}/webhooks/casso`,
      version: 'v2',
      secret: cassoSecret,
    });
  },

  /** The device's part of a login. */
  firebaseToken: () =>
    bongloy.control.firebaseToken({
      phoneNumber: bongloy.login.phoneNumber,
      code: bongloy.login.oneTimeCode,
    }),

  move(kind) {
    if (kind === 'purchase') bongloy.control.makePurchase({ merchant: 'Riverside Coffee', amount: 275 });
    else casso.control.makeTransfer({ description: 'Chuyen tien', amount: 350_000 });
  },

  forget() {
    bongloy.clearRequests();
    casso.clearRequests();
  },
});
