// What a typed payload means to every door: a text with buttons, cards, a place. Doors write payloads in these forms and
// read them from each other; what else a door keeps of its own is its message's extras.
import type { Door, Json, JsonObject, Message } from './model.ts';

/** A button. `uri`: where it leads. `payload`: what pressing it tells the app. */
export interface Action {
  type: 'link' | 'postback' | 'reply' | 'webview';
  text: string;
  uri?: string;
  payload?: string;
}

/** A card: `payload.items` of a message of type `carousel`. */
export interface Item {
  title: string;
  description?: string;
  mediaUrl?: string;
  actions: Action[];
}

/** `payload` of a message of type `location`. */
export interface Place {
  coordinates: { lat: number; long: number };
  location?: { name?: string; address?: string };
}

/** As many cards, buttons on a card and characters of a title as every door can show (contracts/sunshine.md 3). */
export const MOST_ITEMS = 10;
export const MOST_ITEM_ACTIONS = 3;
export const TITLE_LENGTH = 128;
/** As much as a button may say (contracts/sunshine.md 3). */
const PRESSED_LENGTH = 4_096;

/** Doors that write their payloads in these forms. */
const SPEAKS: ReadonlySet<Door> = new Set<Door>(['sunshine', 'qiscus']);

type Typed = Pick<Message, 'door' | 'type' | 'payload'>;

/** The buttons below a text; none for other messages. */
export const actionsOf = ({ door, type, payload }: Typed): Action[] =>
  SPEAKS.has(door) && type === 'text' ? readActions(payload?.actions) : [];

/** What the button says to the app that somebody pressed to say this; null: nobody pressed any. */
export function pressedIn({ door, type, payload }: Typed): string | null {
  if (door !== 'realtime' || type !== 'text' || !isObject(payload?.pressed)) return null;
  const said = payload.pressed.payload;
  return typeof said === 'string' && said.length <= PRESSED_LENGTH ? said : null;
}

/** The cards of a carousel; none for other messages. */
export const itemsOf = ({ door, type, payload }: Typed): Item[] =>
  SPEAKS.has(door) && type === 'carousel' && Array.isArray(payload?.items)
    ? payload.items.flatMap(readItem)
    : [];

/** The place that a message shows, if it shows one. */
export function placeOf({ door, type, payload }: Typed): Place | null {
  if (!SPEAKS.has(door) || type !== 'location' || !payload) return null;
  const { coordinates, location } = payload;
  if (!isObject(coordinates)) return null;
  const { lat, long } = coordinates;
  if (typeof lat !== 'number' || typeof long !== 'number') return null;
  const [name, address] = isObject(location) ? [location.name, location.address] : [];
  return {
    coordinates: { lat, long },
    location: {
      ...(typeof name === 'string' && { name }),
      ...(typeof address === 'string' && { address }),
    },
  };
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const SHOWN: ReadonlySet<Json | undefined> = new Set(['link', 'postback', 'reply', 'webview']);

/** What only one vendor's channel can do (buying, asking for a place) is left out. */
function readActions(value: Json | undefined): Action[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each) => {
    if (!isObject(each) || !SHOWN.has(each.type) || typeof each.text !== 'string') return [];
    const { uri, payload } = each;
    return {
      type: each.type as Action['type'],
      text: each.text,
      ...(typeof uri === 'string' && { uri }),
      ...(typeof payload === 'string' && { payload }),
    };
  });
}

function readItem(value: Json): Item | [] {
  if (!isObject(value) || typeof value.title !== 'string') return [];
  const { title, description, mediaUrl, actions } = value;
  return {
    title,
    ...(typeof description === 'string' && { description }),
    ...(typeof mediaUrl === 'string' && { mediaUrl }),
    actions: readActions(actions),
  };
}
