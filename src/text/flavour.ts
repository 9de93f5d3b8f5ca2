// How the Markdown of other networks differs from ours: one flavour for each. What the differences do is in the reader
// and writer of Markdown; which tree a network can be told is told.ts.

export interface Flavour {
  /** `__` underlines, as at Discord. Elsewhere it is bold. */
  readonly underlines: boolean;
  /** `||` hides what is between, as at Discord. */
  readonly bars: boolean;
  /** [u], [spoiler] and their like beside Markdown, and [quote="name, post:1, topic:2"] on lines of its own: Discourse. */
  readonly tags: boolean;
  /** `<@1>`, `<#2>`, `<:smile:3>` and `<t:4>` stand for people, channels, signs and times: Discord. */
  readonly tokens: boolean;
  /** `&amp;` is a sign. */
  readonly references: boolean;
  /** A quote needs a space behind its mark, and `>>> ` quotes all that follows: Discord. */
  readonly spacedQuotes: boolean;
  /** An address alone is a link. */
  readonly bareLinks: boolean;
  /** What an address in a text stands for, as those below a site do; the same where it is whole. */
  readonly resolve: (url: string) => string;
}

const asItIs = (url: string): string => url;

/** The Markdown of conversations here. */
export const OURS: Flavour = {
  underlines: false,
  bars: false,
  tags: false,
  tokens: false,
  references: true,
  spacedQuotes: false,
  bareLinks: false,
  resolve: asItIs,
};

export const DISCORD: Flavour = {
  ...OURS,
  underlines: true,
  bars: true,
  tokens: true,
  references: false,
  spacedQuotes: true,
  bareLinks: true,
};

export const MATTERMOST: Flavour = { ...OURS, bareLinks: true };

export const DISCOURSE: Flavour = { ...OURS, tags: true, bareLinks: true };

const UPLOAD = /^upload:\/\/(?=[\w-]{1,60}(?:\.\w{1,10})?$)/;

/**
 * Discourse's own short addresses made whole: `upload://…` is served below /uploads/short-url/, and links within the site
 * begin with a slash. `site`: the origin, and the path where Discourse does not stand at the root; without a slash at its end.
 */
export const discourseAt = (site: string): Flavour => ({
  ...DISCOURSE,
  resolve: (url) => {
    if (UPLOAD.test(url)) return `${site}/uploads/short-url/${url.replace(UPLOAD, '')}`;
    return /^\/(?!\/)/.test(url) ? `${new URL(site).origin}${url}` : url;
  },
});
