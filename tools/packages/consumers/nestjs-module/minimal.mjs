import 'reflect-metadata';
import assert from 'node:assert/strict';
import { InstellixClient, InstellixModule } from '@instellix/nestjs-module';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

class AppModule {}
const options = { environment: 'sandbox', realm: 'acme', clientId: 'id', clientSecret: 'secret' };
Module({ imports: [InstellixModule.forRoot(options)] })(AppModule);

const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
assert.equal(app.get(InstellixClient).status().state, 'missing');
await app.close();
for (const subpath of ['axios', 'terminus']) {
  await assert.rejects(import(`@instellix/nestjs-module/${subpath}`), /ERR_MODULE_NOT_FOUND|Cannot find package/);
}
await import('@instellix/nestjs-module/testing');
