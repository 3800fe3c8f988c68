import { InvalidArgumentError } from 'commander';

/** A port as a flag gives it. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new InvalidArgumentError('a port from 0 to 65535.');
  return port;
}
