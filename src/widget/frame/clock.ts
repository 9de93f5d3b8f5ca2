// The time as the hub has it: a visitor's clock may be a day off.

let aheadMs = 0;

/** ms since 1970. */
export const now = (): number => Date.now() + aheadMs;

/** `hub`: its time at this moment. */
export const setClock = (hub: string): void => {
  aheadMs = Date.parse(hub) - Date.now();
};
