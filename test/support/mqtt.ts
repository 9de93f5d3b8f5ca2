// A plain MQTT client over WebSocket for tests: the npm `ws` socket and the npm packet codec, every packet kept.
import mqtt, { type Packet } from 'mqtt-packet';
import { WebSocket } from 'ws';

const WAIT_MS = 30_000;

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever field the packet has.
type Seen = any;

export class MqttSocket {
  readonly socket: WebSocket;
  readonly packets: Seen[] = [];
  closed: { code: number; reason: string } | null = null;
  refused: number | null = null;
  private readonly taken = new Set<Seen>();
  private readonly wakers = new Set<() => void>();
  private ids = 0;

  constructor(url: string, protocols: string[] = ['mqtt']) {
    this.socket = new WebSocket(url, protocols);
    const parser = mqtt.parser({ protocolVersion: 4 });
    parser.on('packet', (packet) => {
      this.packets.push(packet);
      this.wake();
    });
    this.socket.on('message', (data) => parser.parse(data as Buffer));
    this.socket.on('unexpected-response', (_request, response) => {
      this.refused = response.statusCode ?? 0;
      response.resume();
      this.wake();
    });
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
      this.wake();
    });
    this.socket.on('error', () => this.wake());
  }

  /** A client that the server has taken. */
  static async connect(url: string, options: Partial<mqtt.IConnectPacket> = {}): Promise<MqttSocket> {
    const client = new MqttSocket(url);
    await client.opened();
    client.send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: 'test',
      keepalive: 60,
      ...options,
    });
    await client.next('connack');
    return client;
  }

  opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.once('open', () => resolve());
      this.socket.once('error', reject);
    });
  }

  send(packet: Packet | Uint8Array): void {
    this.socket.send(packet instanceof Uint8Array ? packet : mqtt.generate(packet));
  }

  /** What each topic was answered with: 0, or 128 for no. */
  async subscribe(...topics: string[]): Promise<number[]> {
    const messageId = ++this.ids;
    this.send({ cmd: 'subscribe', messageId, subscriptions: topics.map((topic) => ({ topic, qos: 0 })) });
    return (await this.next('suback', (packet) => packet.messageId === messageId)).granted;
  }

  async unsubscribe(...topics: string[]): Promise<void> {
    const messageId = ++this.ids;
    this.send({ cmd: 'unsubscribe', messageId, unsubscriptions: topics });
    await this.next('unsuback', (packet) => packet.messageId === messageId);
  }

  publish(topic: string, payload: string): void {
    this.send({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false });
  }

  /** The next message of this topic that no earlier call took; its text. */
  async message(topic: string, wanted: (payload: string) => boolean = () => true): Promise<string> {
    const mine = (packet: Seen) => packet.topic === topic && wanted(String(packet.payload));
    return String((await this.next('publish', mine)).payload);
  }

  /** Texts of all messages of this topic so far. */
  messages(topic: string): string[] {
    return this.packets
      .filter((packet) => packet.cmd === 'publish' && packet.topic === topic)
      .map(({ payload }) => String(payload));
  }

  /** Until everything that was sent before has been done, and its answers are here. */
  async settled(): Promise<void> {
    this.send({ cmd: 'pingreq' });
    await this.next('pingresp');
  }

  next(cmd: string, wanted: (packet: Seen) => boolean = () => true): Promise<Seen> {
    return this.until(`a packet "${cmd}"`, () => {
      const packet = this.packets.find((each) => each.cmd === cmd && !this.taken.has(each) && wanted(each));
      if (packet) this.taken.add(packet);
      return packet;
    });
  }

  end(): Promise<{ code: number; reason: string }> {
    return this.until('the close', () => this.closed ?? undefined);
  }

  refusal(): Promise<number> {
    return this.until('a refusal', () => this.refused ?? undefined);
  }

  close(): Promise<{ code: number; reason: string }> {
    this.socket.close();
    return this.end();
  }

  private wake(): void {
    for (const waker of this.wakers) waker();
  }

  private until<T>(what: string, look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const done = (finish: () => void): void => {
        clearTimeout(timer);
        this.wakers.delete(check);
        finish();
      };
      const seen = (): string =>
        JSON.stringify(
          this.packets.slice(-4).map((packet) => ({ ...packet, payload: String(packet.payload) })),
        );
      const check = (): void => {
        const found = look();
        if (found !== undefined) done(() => resolve(found));
        else if (this.closed && what !== 'the close')
          done(() =>
            reject(
              new Error(`closed (${this.closed?.code} ${this.closed?.reason}) before ${what}; got ${seen()}`),
            ),
          );
      };
      const timer = setTimeout(
        () => done(() => reject(new Error(`no ${what} within ${WAIT_MS} ms; got ${seen()}`))),
        WAIT_MS,
      );
      this.wakers.add(check);
      check();
    });
  }
}
