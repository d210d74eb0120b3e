import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The gateway, and the simulator that plays the phone's sign-in: where `npm run dev` of Mekong starts them. */
const { MEKONG_URL = 'http://127.0.0.1:4000', SANDBOX_URL = 'http://127.0.0.1:4001' } = process.env;

/** The page and the API share an origin, so no CORS is needed. A page elsewhere sets VITE_API_URL, and CORS_ORIGINS there. */
const proxy = {
  '/graphql': { target: MEKONG_URL, ws: true },
  '/_sandbox/firebase-token': { target: SANDBOX_URL },
};
const server = { host: '127.0.0.1', port: 5173, strictPort: true, proxy };

export default defineConfig({ plugins: [react()], server, preview: server });
