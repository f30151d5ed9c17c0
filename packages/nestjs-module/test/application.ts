import 'reflect-metadata';
import type {
  INestApplication,
  INestApplicationContext,
  LoggerService,
  ModuleMetadata,
  NestApplicationOptions,
} from '@nestjs/common';
import { Module } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { afterEach } from 'vitest';

const applications = new Set<INestApplicationContext>();

afterEach(async () => {
  await Promise.all([...applications].map((application) => application.close()));
  applications.clear();
});

/** One line that an application logged. */
export interface Line {
  readonly level: string;
  readonly text: string;
  readonly stack: unknown;
  readonly context: unknown;
}

/** A logger that keeps what it hears. */
export function createListener(): LoggerService & { readonly lines: Line[] } {
  const lines: Line[] = [];
  const hear =
    (level: string) =>
    (message: unknown, ...rest: unknown[]) => {
      lines.push({ level, text: String(message), stack: rest.length > 1 ? rest[0] : undefined, context: rest.at(-1) });
    };
  return { lines, log: hear('log'), error: hear('error'), warn: hear('warn'), debug: hear('debug') };
}

/** Boots an application as its users do, without a port; ends with the test. Rejects when the bootstrap fails. */
export async function boot(
  metadata: ModuleMetadata,
  options: NestApplicationOptions = {},
  adapter: AbstractHttpAdapter = new ExpressAdapter(),
): Promise<INestApplication> {
  const root = createRoot(metadata);
  const application = await NestFactory.create(root, adapter, { logger: false, abortOnError: false, ...options });
  applications.add(application);
  return application.init();
}

/** Boots an application that listens; returns where. */
export async function listen(
  metadata: ModuleMetadata,
  options: NestApplicationOptions = {},
  adapter?: AbstractHttpAdapter,
): Promise<{ application: INestApplication; url: string }> {
  const application = await boot(metadata, options, adapter);
  await application.listen(0, '127.0.0.1');
  return { application, url: (await application.getUrl()).replace('[::1]', '127.0.0.1') };
}

function createRoot(metadata: ModuleMetadata) {
  @Module(metadata)
  class RootModule {}
  return RootModule;
}

/** The problems of the ConfigurationError that a bootstrap fails with, or that a call throws. */
export async function problemsOf(act: () => unknown): Promise<readonly string[]> {
  try {
    await act();
  } catch (error) {
    if (error instanceof Error && 'problems' in error) return error.problems as readonly string[];
    throw error;
  }
  throw new Error('It was expected to fail.');
}
