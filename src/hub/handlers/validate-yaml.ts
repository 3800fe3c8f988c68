import { z } from 'zod';
import { validateCard } from '../../formats/card-yaml.ts';
import { sendJson } from '../answer.ts';
import { readJson } from '../body.ts';
import type { Handler } from '../exchange.ts';

const body = z.object({ content: z.string(), repoType: z.string().optional() });

/** POST /api/validate-yaml: the check that clients make before they upload anything. Needs no token. */
export const validateYaml: Handler = async ({ request, response }) => {
  const { content } = await readJson(request, body);
  const { errors, warnings } = validateCard(content);
  const refused = errors.map(({ message }) => ({ message, type: 'error' }));
  const summary = errors.map(({ message }) => message).join('. ');
  const headers = errors.length > 0 ? { 'X-Error-Message': summary.replace(/[^\x20-\x7e]/g, '?') } : {};
  sendJson(response, { errors: refused, warnings }, errors.length > 0 ? 400 : 200, headers);
};
