// How an app's chat looks, from its settings.
import type { App } from '../hub/context.ts';
import { takesFiles } from '../hub/files.ts';
import type { Config, Look } from './config.ts';

export const configOf = (app: App, locales: readonly string[]): Config => ({
  app: app.slug,
  name: app.name,
  colour: lookOf(app).colour,
  welcome: app.settings.welcomeMessage,
  files: takesFiles(app) ? { most: app.settings.filesPerMessage, bytes: app.settings.fileBytes } : null,
  several: app.settings.multiConvo,
  locales: [...locales],
});

export const lookOf = (app: App): Look => ({
  colour: null,
  style: null,
  hover: null,
  welcome: app.settings.welcomeMessage,
});
