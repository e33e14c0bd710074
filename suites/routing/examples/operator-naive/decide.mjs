// The decision as an operator first wrote it. It is right for every name that it expects. Kept for its two mistakes:
//  - a plain object has entries that nobody made: CONFIGS['constructor'] is a function, so neither route nor tier
//    comes out, and the call reaches Portkey unmarked;
//  - only a string has toLowerCase: any other model but null, 0 and false throws, and the handler that waits for this
//    is async, so the rejection ends the whole process, with every call in it.

const AGENT_CONFIGS = {
  dispo: { config: 'plan', tier: 'max' },
  scout: { config: 'plan', tier: 'max' },
};
const KIMI = { config: 'kimi', tier: 'specialty' };
const MODEL_CONFIGS = { 'kimi-k3': KIMI, 'kimi-k3.1-pro': KIMI, 'kimi-k3.1-pro-highspeed': KIMI };
const DEFAULT_CONFIG = { config: 'default', tier: 'default' };

export const models = Object.keys(MODEL_CONFIGS);

export function decide({ agent, model }) {
  const isClaude = !!(model && model.toLowerCase().startsWith('claude'));
  const isPlanAgent = !!(agent && AGENT_CONFIGS[agent] && isClaude);
  const { config, tier } = isPlanAgent ? AGENT_CONFIGS[agent] : MODEL_CONFIGS[model] || DEFAULT_CONFIG;
  return { route: config, tier };
}
