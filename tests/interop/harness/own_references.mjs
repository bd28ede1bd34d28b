import { RpcStub } from './capnweb.mjs';

// A copy in which every reference is one of our own: what is returned as it came would be released
// with the call's arguments.
export function withOwnReferences(value) {
  if (value instanceof RpcStub) return value.dup();
  if (Array.isArray(value)) return value.map(withOwnReferences);
  if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withOwnReferences(item)]));
  return value;
}
