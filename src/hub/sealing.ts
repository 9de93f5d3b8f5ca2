// Secrets that the hub must be able to read again (keys that sign, endpoints that are told): sealed with the hub's own
// secret before they go into the directory.
import { derivedKey, type Hub } from './context.ts';

async function sealingKey(hub: Hub): Promise<CryptoKey> {
  const raw = derivedKey(hub.settings.hubSecret, 'seal') as Uint8Array<ArrayBuffer>;
  return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

export async function seal(hub: Hub, text: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = new TextEncoder().encode(text);
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await sealingKey(hub), data),
  );
  return `${toBase64(iv)}.${toBase64(sealed)}`;
}

/** The text that was sealed. Throws for anything that this hub did not seal. */
export async function unseal(hub: Hub, sealed: string): Promise<string> {
  const [iv, data] = sealed.split('.').map((part) => Uint8Array.from(atob(part), (c) => c.charCodeAt(0)));
  const plain = await crypto.subtle.decrypt(
    { name: 'AES-GCM', iv: iv as Uint8Array<ArrayBuffer> },
    await sealingKey(hub),
    data as Uint8Array<ArrayBuffer>,
  );
  return new TextDecoder().decode(plain);
}

const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
