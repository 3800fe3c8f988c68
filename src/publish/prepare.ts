import { HubwrightError } from '../errors.ts';
import type { Hub } from './hub-client.ts';
import { PATIENCE, type PatientOptions, waitToRepeat } from './patience.ts';
import type { PublishPlan } from './plan.ts';

/**
 * Creates the repository. A request whose answer was lost may have done it: so it is looked for before it is asked for
 * again.
 *
 * @throws HubwrightError HUB_REFUSED, HUB_CONFLICT, HUB_UNREACHABLE
 */
export async function createRepository(hub: Hub, plan: PublishPlan, options: PatientOptions): Promise<void> {
  const { tries } = { ...PATIENCE, ...options.patience };
  for (let attempt = 1; ; attempt += 1) {
    const failure = await tryToCreate(hub, plan);
    if (failure === undefined || (await hub.checkAccess('write'))) return;
    if (failure.code === 'HUB_REFUSED' || attempt === tries) throw failure;
    await waitToRepeat(failure.message, attempt, options);
  }
}

async function tryToCreate(hub: Hub, plan: PublishPlan): Promise<HubwrightError | undefined> {
  try {
    const answer = await hub.create(plan.visibility.to ?? undefined);
    return answer.ok ? undefined : answer.refusal();
  } catch (error) {
    if (error instanceof HubwrightError && error.code === 'HUB_UNREACHABLE') return error;
    throw error;
  }
}

/** Sets visibility and gating as planned. They come before the files, so that nothing is open that shall not be. */
export async function applySettings(hub: Hub, { visibility, gated }: PublishPlan): Promise<void> {
  if (visibility.to === null && gated.to === null) return;
  await hub.writeSettings({
    ...(visibility.to === null ? {} : { visibility: visibility.to }),
    ...(gated.to === null ? {} : { gated: gated.to }),
  });
}
