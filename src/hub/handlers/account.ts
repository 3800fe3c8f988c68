import { createHash } from 'node:crypto';
import { sendJson } from '../answer.ts';
import type { Handler } from '../exchange.ts';
import { authenticationRequired } from '../http-error.ts';

/** GET /api/whoami-v2 */
export const whoAmI: Handler = ({ response, viewer }) => {
  if (viewer === undefined) throw authenticationRequired();
  const common = { canPay: false, periodEnd: null, avatarUrl: '', isPro: false };
  sendJson(response, {
    type: 'user',
    id: stableId(viewer.user),
    name: viewer.user,
    fullname: viewer.user,
    email: `${viewer.user}@users.noreply.localhost`,
    emailVerified: true,
    billingMode: 'postpaid',
    ...common,
    orgs: viewer.orgs.map((name) => ({
      type: 'org',
      id: stableId(name),
      name,
      fullname: name,
      email: null,
      roleInOrg: viewer.role === 'write' ? 'write' : 'read',
      ...common,
    })),
    auth: {
      type: 'access_token',
      accessToken: { displayName: 'local', role: viewer.role, createdAt: new Date(0).toISOString() },
    },
  });
};

// The Hub's ids are 24 hex digits that survive a rename; here the name is all there is.
function stableId(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 24);
}
