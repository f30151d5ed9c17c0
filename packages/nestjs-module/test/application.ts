import 'reflect-metadata';
import type {
  INestApplication,
  INestApplicationContext,
  LoggerService,
  ModuleMetadata,
  NestApplicationOptions,
  OnApplicationShutdown,
} from '@nestjs/common';
import { Module } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { afterEach } from 'vitest';

const applications = new Set<INestApplicationContext>();

afterEach(async () => {
  await Promise.all([...applications].map((application) => application.close()));
});

/** One line that an application logged. */
export interface Line {
  readonly level: string;
  readonly message: string;
  readonly stack: unknown;
  readonly context: unknown;
}

/** A logger that records every line. */
export function createLogRecorder(): LoggerService & { readonly lines: Line[] } {
  const lines: Line[] = [];
  const record =
    (level: string) =>
    (message: unknown, ...rest: unknown[]) => {
      lines.push({
        level,
        message: String(message),
        stack: rest.length > 1 ? rest[0] : undefined,
        context: rest.at(-1),
      });
    };
  return { lines, log: record('log'), error: record('error'), warn: record('warn'), debug: record('debug') };
}

/** Boots an application without a port; the end of the test closes it, unless the test has. Rejects when the bootstrap fails. */
export async function boot(
  metadata: ModuleMetadata,
  options: NestApplicationOptions = {},
  adapter: AbstractHttpAdapter = new ExpressAdapter(),
): Promise<INestApplication> {
  // Nest 11 calls the shutdown hooks again when an application is closed twice.
  const root = createRoot(metadata, () => applications.delete(application));
  const application = await NestFactory.create(root, adapter, { logger: false, abortOnError: false, ...options });
  applications.add(application);
  return application.init();
}

/** Boots an application that listens; returns its URL. */
export async function listen(
  metadata: ModuleMetadata,
  options: NestApplicationOptions = {},
  adapter?: AbstractHttpAdapter,
): Promise<{ application: INestApplication; url: string }> {
  const application = await boot(metadata, options, adapter);
  await application.listen(0, '127.0.0.1');
  return { application, url: (await application.getUrl()).replace('[::1]', '127.0.0.1') };
}

function createRoot(metadata: ModuleMetadata, onShutdown: () => void) {
  @Module(metadata)
  class RootModule implements OnApplicationShutdown {
    onApplicationShutdown() {
      onShutdown();
    }
  }
  return RootModule;
}

/** Returns the problems of the ConfigurationError that a call throws or rejects with. */
export async function problemsOf(act: () => unknown): Promise<readonly string[]> {
  try {
    await act();
  } catch (error) {
    if (error instanceof Error && 'problems' in error) return error.problems as readonly string[];
    throw error;
  }
  throw new Error('Expected a ConfigurationError.');
}
