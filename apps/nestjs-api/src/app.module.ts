import { InstellixExceptionFilter, InstellixModule } from '@instellix/nestjs-module';
import { InstellixHttpModule } from '@instellix/nestjs-module/axios';
import { InstellixHealthIndicator } from '@instellix/nestjs-module/terminus';
import { Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { APP_FILTER } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { CustomersController } from './customers/customers.controller.ts';
import { CustomersService } from './customers/customers.service.ts';
import { HealthController } from './health/health.controller.ts';
import { readerConfig, writerConfig } from './instellix.config.ts';

/** Reads with one credential and writes with another, so that each has no more rights than it needs. */
@Module({
  imports: [
    ConfigModule.forRoot(),
    InstellixModule.forRootAsync({ name: 'reader', eager: 'warn', ...readerConfig.asProvider() }),
    InstellixModule.forRootAsync({ name: 'writer', ...writerConfig.asProvider() }),
    InstellixHttpModule.forRoot({ name: 'reader', axios: { timeout: 20_000 } }),
    TerminusModule,
  ],
  controllers: [CustomersController, HealthController],
  providers: [CustomersService, InstellixHealthIndicator, { provide: APP_FILTER, useClass: InstellixExceptionFilter }],
})
export class AppModule {}
