// What wicked people say: texts that try to run something or to ask somebody, in every markup and place.
import type { Json } from './widget-world.ts';

/** `code`: what would run. */
export const wickedTexts = (code: string): string[] => [
  `<script>${code}</script>`,
  `<img src=x onerror=${code}>`,
  `<svg onload=${code}><animate onbegin=${code}>`,
  `<iframe srcdoc="<script>${code}</script>"></iframe>`,
  `<a href="javascript:${code}">x</a>`,
  `<a href="&#106;avascript:${code}">x</a>`,
  `<a href="java\nscript:${code}">x</a>`,
  `<form action="javascript:${code}"><button>x</button></form>`,
  `<math><a xlink:href="javascript:${code}">x</a></math>`,
  `<style>@import "https://evil.example/${code}"</style>`,
  `<link rel=stylesheet href=https://evil.example/>`,
  `<details open ontoggle=${code}>x</details>`,
  `"><script>${code}</script>`,
  `</script><script>${code}</script>`,
  `[x](javascript:${code})`,
  `[x](data:text/html,<script>${code}</script>)`,
  `![x](https://evil.example/${code}.png)`,
  `[url=javascript:${code}]x[/url]`,
  `[img]https://evil.example/${code}.png[/img]`,
  `[url="https://ok.example/" onclick="${code}"]x[/url]`,
  `{{constructor.constructor('${code}')()}}`,
];

/** Texts, addresses and names that try to run something, in every markup and place. */
export function wicked(): Json[] {
  const texts = ['ran=1', 'parent.ran=1', 'alert(1)'].flatMap(wickedTexts);
  const inMarkups = texts.flatMap((text) =>
    ['plain', 'bbcode', 'markdown', 'html'].map((markup) => ({ text, markup })),
  );
  const cards = texts.slice(0, 8).map((text) => ({
    type: 'carousel',
    payload: {
      items: [
        {
          title: text,
          description: text,
          mediaUrl: 'https://evil.example/a.png',
          actions: [{ type: 'link', text, uri: 'javascript:ran=1' }],
        },
      ],
    },
  }));
  const files = texts.slice(0, 8).map((text) => ({
    text: 'A file',
    attachments: [{ url: 'https://evil.example/a.svg', name: text.slice(0, 200), mime: 'image/svg+xml' }],
  }));
  return [...inMarkups, ...cards, ...files];
}
