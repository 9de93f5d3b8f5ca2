// How an app's chat looks, from its settings.
import type { App } from '../hub/context.ts';
import { takesFiles } from '../hub/files.ts';
import { lookOf } from '../hub/widget-looks.ts';
import type { Config, Look } from './config.ts';

export const configFor = (app: App, locales: readonly string[]): Config => ({
  app: app.slug,
  name: app.name,
  colour: lookOf(app).colour,
  welcome: app.settings.welcomeMessage,
  files: takesFiles(app) ? { most: app.settings.filesPerMessage, bytes: app.settings.fileBytes } : null,
  several: app.settings.multiConvo,
  locales: [...locales],
});

export const launcherFor = (app: App): Look => ({ ...lookOf(app), welcome: app.settings.welcomeMessage });
