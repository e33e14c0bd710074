// The operator's proxy as it stands on his machine: the hosts that it calls are literals, its keys are in a vault.

import { execFileSync } from 'node:child_process';

import * as table from '../operator/decide.mjs';
import { serve } from '../operator/serve.mjs';
import { openAlerts } from './alerts.mjs';

const secret = (reference) => execFileSync('op', ['read', '--no-newline', reference], { encoding: 'utf8' });

const discord = `https://discord.com/api/webhooks/1268800000000000001/${secret('op://Aurora/discord/webhook_token')}`;

serve({ ...table, limited: openAlerts(discord) }, {
  PORT: process.env.PORT,
  CLIENT_KEY: secret('op://Aurora/openclaw/client_key'),
  SHORTCUT_URL: 'http://127.0.0.1:18903',
  SHORTCUT_KEY: secret('op://Aurora/shortcut/api_key'),
  PORTKEY_URL: 'https://api.portkey.ai',
  PORTKEY_API_KEY: secret('op://Aurora/portkey/api_key'),
  LEDGER_URL: 'https://kqzvbtxwmhfnlrda.supabase.co',
  LEDGER_KEY: secret('op://Aurora/supabase/service_role'),
});
