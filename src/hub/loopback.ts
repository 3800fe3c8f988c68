const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|::1)$/i;

/** Whether a host name, without port, is this machine's own: only such a name may ask a server on loopback. */
export function isLoopback(name: string): boolean {
  return LOOPBACK.test(name);
}
