import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.ts';

const app = await NestFactory.create(AppModule);
// On SIGTERM and SIGINT, the server ends its requests, then the module closes the clients.
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000, process.env['HOST'] ?? '127.0.0.1');
new Logger('Main').log(`Listening on ${await app.getUrl()}`);
