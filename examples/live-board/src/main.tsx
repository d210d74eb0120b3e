import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createApi } from './api/api.ts';
import { finishBankLink } from './api/bank-link.ts';
import { session } from './api/session.ts';
import { App } from './app.tsx';
import './styles/tokens.css';
import './styles/controls.css';
import './styles/log-in.css';
import './styles/board.css';
import './styles/activity.css';

const place = document.getElementById('root');
if (!place) throw new Error('index.html has no element with the id root');
// A page that has come back from the bank's: once, before anything is asked.
const linkProblem = await finishBankLink(createApi(session.token()).client);
createRoot(place).render(
  <StrictMode>
    <App linkProblem={linkProblem} />
  </StrictMode>,
);
