// People of a forum, each with a client that this project did not write.
import { operatorOf } from '../../support/operator.ts';
import { Device, type XmlRpcClient } from './bridge.ts';

const b64 = (text: string) => ({ b64: text });

/** People of one app, each with a device of this client, signed in. */
export async function cast(server: { url: string; adminToken: string }, client: XmlRpcClient) {
  const operator = operatorOf(server.url, server.adminToken);
  const made = await operator.createApp();
  const { app, tapatalk } = made;
  const devices: Device[] = [];
  const person = async (username: string, displayName?: string, role?: string) => {
    const known = { username, password: `pw-${username}`, displayName };
    const user = await operator.createUser(app.slug, { ...known, ...(role && { role }) });
    const device = new Device(client, tapatalk.url);
    devices.push(device);
    const login = await device.done('login', b64(username), b64(`pw-${username}`));
    return { device, login, id: String(user.number) };
  };
  const stranger = () => {
    const device = new Device(client, tapatalk.url);
    devices.push(device);
    return device;
  };
  const end = () => {
    for (const device of devices) device.end();
  };
  return { app, made, person, stranger, end };
}
