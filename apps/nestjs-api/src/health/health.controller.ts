import { InstellixHealthIndicator } from '@instellix/nestjs-module/terminus';
import { Controller, Get } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly instellix: InstellixHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.instellix.isHealthy('reader', { name: 'reader' }),
      () => this.instellix.isHealthy('writer', { name: 'writer' }),
    ]);
  }
}
