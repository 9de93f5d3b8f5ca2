// What a user agent says of a device.
import { describe, expect, test } from 'vitest';
import { deviceOfAgent } from '../../src/domain/devices.ts';

const AGENTS: Record<string, [agent: string, platform: string, name: string | null, version?: string]> = {
  Chrome: [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
    'web',
    'Chrome on Windows',
  ],
  'Edge, which names Chrome too': [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.56',
    'web',
    'Edge on Windows',
  ],
  'a browser on a phone': [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    'web',
    'Safari on iOS',
  ],
  'an app for iOS': ['Tapatalk/8.9.7 (iPhone; iOS 17.5)', 'ios', 'Tapatalk on iOS', '8.9.7'],
  'an app that names its stack': ['okhttp/4.12.0', 'android', 'okhttp on Android', '4.12.0'],
  'a program': ['python-requests/2.31', 'web', 'python-requests', '2.31'],
  'a page inside an app': ['Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36', 'web', 'Android'],
};

describe.each(Object.entries(AGENTS))('%s', (_, [agent, platform, name, appVersion]) => {
  test('is told by platform and name', () => {
    const device = deviceOfAgent(agent);
    expect([device?.platform, device?.name, device?.appVersion]).toEqual([platform, name, appVersion]);
    expect(device?.info).toMatchObject({ userAgent: agent });
  });
});

test('an update is the same device, another browser is another one', () => {
  const chrome = AGENTS.Chrome?.[0] as string;
  const print = (agent: string) => deviceOfAgent(agent)?.clientId;
  expect(print(chrome.replace('126.0.0.0', '127.1'))).toBe(print(chrome));
  expect(print(AGENTS['an app for iOS']?.[0] as string)).not.toBe(print(chrome));
});

test('who says nothing has no device, and who says very much is cut', () => {
  for (const nothing of [null, '', '   ']) expect(deviceOfAgent(nothing)).toBeNull();
  expect(JSON.stringify(deviceOfAgent('x'.repeat(10_000))).length).toBeLessThan(1_200);
});
