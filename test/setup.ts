import fc from 'fast-check';

// The same cases each time: a failure is a change's, not the day's. Set HUBWRIGHT_SEED to look for new ones.
fc.configureGlobal({ seed: Number(process.env.HUBWRIGHT_SEED ?? 20_261_123) });
