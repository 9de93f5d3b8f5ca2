// What a screen reader reads out by itself: what changes in live regions (WAI-ARIA 1.2: live, atomic; additions and text).

/** In the order of saying, each with how urgent it is. */
export const heard: string[] = [];

const BY_ROLE: Record<string, string> = { alert: 'assertive', status: 'polite', log: 'polite' };

const urgencyOf = (region: Element): string =>
  region.getAttribute('aria-live') ?? BY_ROLE[region.getAttribute('role') ?? ''] ?? 'off';

const REGIONS = '[aria-live], [role=alert], [role=status], [role=log]';

function changed(node: Node): void {
  const element = node instanceof Element ? node : node.parentElement;
  const region = element?.closest(REGIONS);
  if (region) say(region, node);
  // A region that comes with words in it.
  if (node instanceof Element)
    for (const inner of node.querySelectorAll(REGIONS)) if (inner !== region) say(inner, inner);
}

function say(region: Element, node: Node): void {
  const urgency = urgencyOf(region);
  // Nothing is read out of a frame that is not shown.
  if (urgency === 'off' || region.getClientRects().length === 0) return;
  const role = region.getAttribute('role');
  const isWhole =
    (region.getAttribute('aria-atomic') ?? String(role === 'alert' || role === 'status')) === 'true';
  const words = (isWhole ? region : node).textContent?.trim();
  if (words) heard.push(`${urgency}: ${words}`);
}

new MutationObserver((records) => {
  for (const { type, target, addedNodes } of records)
    if (type === 'characterData') changed(target);
    else for (const node of addedNodes) changed(node);
}).observe(document, { childList: true, characterData: true, subtree: true });
