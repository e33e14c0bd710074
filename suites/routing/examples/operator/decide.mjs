// The operator's decision table: which route and tier a call takes. Pure, and it answers for every input.

const PLAN_AGENTS = new Set(['dispo', 'scout']);

// A Map, because a plain object also has entries for `constructor` and `__proto__`.
const MODELS = new Map([
  ['kimi-k3', 'kimi'],
  ['kimi-k3.1-pro', 'kimi'],
  ['kimi-k3.1-pro-highspeed', 'kimi'],
]);

// Longest first. A prefix names the provider; the provider itself knows only what follows it.
const PREFIXES = [{ prefix: 'moonshot/', route: 'kimi' }];

const TIERS = { plan: 'max', kimi: 'specialty', default: 'default' };

export const models = [...MODELS.keys()];

/** `{route, tier}`, with `rename` where the upstream must be given another name, or `{refuse: why}`. */
export function decide({ agent, model }) {
  const name = model ?? '';
  if (typeof name !== 'string') return { refuse: 'model must be a string' };
  if (PLAN_AGENTS.has(agent) && isClaude(name)) return to('plan');
  if (MODELS.has(name)) return to(MODELS.get(name));
  const match = PREFIXES.find(({ prefix }) => name.startsWith(prefix));
  return match ? { ...to(match.route), rename: name.slice(match.prefix.length) } : to('default');
}

const isClaude = (name) => name.toLowerCase().startsWith('claude');
const to = (route) => ({ route, tier: TIERS[route] });
